import { isWorkflowName } from '../core/names.ts';
import type { Bundle, BundleProblem, Version } from '../ports/bundle-store.ts';
import { bundleChangeKey } from './bundle-changes.ts';
import { codeName, sourceMapName, uploadName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';

/** The tenant-facing API that bundles are validated against. */
export const API_LEVEL = 1;
/** Of a rejected bundle, so that its row stays small. */
const MAX_PROBLEMS = 50;

type Needed = Pick<Dependencies, 'bundles' | 'blobs' | 'compiler' | 'executor' | 'watch' | 'clock'>;

/**
 * Turns a received bundle into a version, or says what is wrong with it. Every write is by content or conditional, so
 * doing it twice, also after a crash in the middle, comes to the same. A bundle at any other status is left alone.
 *
 * An error of the compiler or the executor itself is thrown; the bundle then stays at `validating`.
 */
export const validateBundle = async (
  deps: Needed,
  params: { readonly tenant: string; readonly bundleId: string },
): Promise<void> => {
  const bundle = await deps.bundles.getBundle(params.tenant, params.bundleId);
  if (bundle?.status !== 'validating') return;
  const result = await judge(deps, bundle);
  const isReady = typeof result === 'string';
  const settled: Bundle = isReady
    ? { ...bundle, status: 'ready', version: result }
    : { ...bundle, status: 'rejected', problems: result.slice(0, MAX_PROBLEMS) };
  await deps.bundles.updateBundle(settled, 'validating');
  deps.watch.announce(bundleChangeKey(bundle.tenant, bundle.id));
  await deps.blobs.remove(uploadName(bundle.tenant, bundle.id));
};

/** The version's name, or the problems. */
const judge = async (deps: Needed, bundle: Bundle): Promise<string | readonly BundleProblem[]> => {
  const { tenant, contentType } = bundle;
  const bytes = await deps.blobs.get(uploadName(tenant, bundle.id));
  if (bytes === undefined) return [problem('bundle.lost', 'The uploaded file is gone. Upload it again.')];

  const compilation = await deps.compiler.compile({ contentType, bytes });
  if (!compilation.ok) return compilation.problems;
  const inspection = await deps.executor.inspect(compilation.bundle, tenant);
  if (!inspection.ok) return inspection.problems;
  const { workflows, hasFetch } = inspection;
  if (workflows.length === 0 && !hasFetch) {
    return [
      problem(
        'bundle.no_workflow',
        'The bundle exports neither a class that extends WorkflowEntrypoint nor a default object with fetch or queue. Export one: `export class Hello extends WorkflowEntrypoint { async run(event, step) { … } }`.',
      ),
    ];
  }
  const misnamed = workflows.find((name) => !isWorkflowName(name));
  if (misnamed !== undefined) {
    const shown = JSON.stringify(misnamed.slice(0, 80));
    const rule = 'at most 64 letters, digits, _ and $, and no digit first';
    return [problem('bundle.workflow_name', `The exported workflow ${shown} cannot have that name: ${rule}.`)];
  }

  const code = Buffer.from(compilation.bundle.code);
  const version: Version = {
    version: compilation.version,
    tenant,
    createdAt: deps.clock.now(),
    workflows: workflows.map((name) => ({ name })),
    hasFetch,
    size: code.length,
    apiLevel: API_LEVEL,
  };
  await deps.blobs.put(codeName(tenant, version.version), code);
  await deps.blobs.put(sourceMapName(tenant, version.version), Buffer.from(compilation.bundle.sourceMap));
  await deps.bundles.addVersion(version, bundle.activate);
  return version.version;
};

const problem = (code: string, message: string): BundleProblem => ({ code, message });
