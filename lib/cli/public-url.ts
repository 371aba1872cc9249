import { UsageError } from './exit-codes.ts';

/** Where callers reach a server, as `--public-url` says it. @throws UsageError for anything but a scheme and a host */
export const readPublicUrl = (text: string): string => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new UsageError(`--public-url is a scheme and a host, such as https://tenon.example.com, got "${text}"`);
  }
  return url.origin;
};
