import { TenonError } from '../core/errors.ts';
import { MAX_BODY_BYTES } from '../core/limits.ts';
import type { BundleContentType } from '../ports/bundle-store.ts';
import type { Dependencies } from './dependencies.ts';
import { versionNotFound } from './refusals.ts';
import { readSourceTexts } from './source-text.ts';

export interface VersionSource {
  readonly version: string;
  /** What the files can be uploaded as again. */
  readonly contentType: BundleContentType;
  /** By path. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** Of a single file; more than one come in a zip. */
const SINGLE_FILES: Readonly<Record<string, BundleContentType>> = {
  'index.ts': 'text/typescript',
  'index.js': 'text/javascript',
};

/**
 * The modules that a version was made of, as they were uploaded.
 * @throws TenonError `version.not_found`, `source.not_found`, `source.too_large`
 */
export const readSource = async (
  { bundles, blobs }: Pick<Dependencies, 'bundles' | 'blobs'>,
  { tenant, version: asked }: { readonly tenant: string; readonly version: string },
): Promise<VersionSource> => {
  const version = await bundles.getVersion(tenant, asked);
  if (version === undefined) throw versionNotFound();
  const texts = await readSourceTexts(blobs, tenant, version.version);
  if (texts === undefined || texts.size === 0) {
    throw new TenonError('source.not_found', 'The source of this version is not kept any more. Upload it again.');
  }
  const files = [...texts].map(([path, text]) => ({ path, text })).sort((a, b) => (a.path < b.path ? -1 : 1));
  const [only] = files.length === 1 ? files : [];
  const source: VersionSource = {
    version: version.version,
    contentType: SINGLE_FILES[only?.path ?? ''] ?? 'application/zip',
    files,
  };
  if (Buffer.byteLength(JSON.stringify(source)) > MAX_BODY_BYTES) {
    throw new TenonError('source.too_large', `The source does not fit an answer of ${MAX_BODY_BYTES} bytes.`);
  }
  return source;
};
