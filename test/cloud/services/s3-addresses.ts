import { AwsError } from '../contract.ts';

const MAX_KEY_BYTES = 1_024;

/** `/<bucket>/<key>`, percent-encoded as it came; the key is empty where the bucket itself is meant. */
export const bucketAndKeyOf = (path: string): { readonly bucket: string; readonly key: string } => {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  try {
    return { bucket: decodeURIComponent(bucket), key: checked(decodeURIComponent(key)) };
  } catch (error) {
    if (error instanceof URIError) throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
    throw error;
  }
};

export const checked = (key: string): string => {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError('KeyTooLongError', 'Your key is too long.');
  return key;
};
