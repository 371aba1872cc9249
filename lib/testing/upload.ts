import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { readUploadSource } from '../cli/upload-source.ts';
import { uploadName } from '../service/bundle-files.ts';
import { validateBundle } from '../service/validate-bundle.ts';
import { TENANT, type TestService } from './test-service.ts';

/** Where the code lies (a file, a zip or a folder with `index.ts`), or the code itself. */
export type TestSource = URL | { readonly code: string };

/** Compiles and checks the source as an upload is. Gives the names of its workflows. @throws Error with what is wrong */
export const upload = async ({ deps }: TestService, source: TestSource): Promise<readonly string[]> => {
  const { bytes, contentType } = read(source);
  const id = deps.randomness.id();
  const at = { createdAt: deps.clock.now(), expiresAt: deps.clock.now() };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await deps.bundles.createBundle({
    ...at,
    id,
    tenant: TENANT,
    status: 'validating',
    contentType,
    size: bytes.length,
    sha256,
    activate: true,
    problems: [],
  });
  await deps.blobs.put(uploadName(TENANT, id), bytes);
  await validateBundle(deps, { tenant: TENANT, bundleId: id });
  const bundle = await deps.bundles.getBundle(TENANT, id);
  const version = await deps.bundles.getActiveVersion(TENANT);
  if (bundle?.status !== 'ready' || version === undefined) {
    const told = bundle?.problems.map(({ file, line, message }) => [file, line, message].filter(Boolean).join(':'));
    throw new Error(`The source of the workflow was refused:\n${told?.join('\n')}`);
  }
  return version.workflows.map(({ name }) => name);
};

const read = (source: TestSource) => {
  if (!(source instanceof URL)) {
    return { contentType: 'text/typescript', bytes: new TextEncoder().encode(source.code) } as const;
  }
  const path = fileURLToPath(source);
  return readUploadSource(path, path);
};
