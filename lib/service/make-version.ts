import { API_LEVEL } from '../core/limits.ts';
import { isWorkflowName } from '../core/names.ts';
import type { BundleContentType, BundleProblem, Version } from '../ports/bundle-store.ts';
import { codeName, sourceMapName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';

export type VersionNeeds = Pick<Dependencies, 'bundles' | 'blobs' | 'compiler' | 'executor' | 'clock'>;

/**
 * Compiles a source, looks at what it exports and keeps it as a version of the tenant, named by its content: doing it twice
 * comes to the same. Gives the version's name, or what is wrong with the source.
 */
export const makeVersion = async (
  deps: VersionNeeds,
  {
    tenant,
    contentType,
    bytes,
    activate,
  }: {
    readonly tenant: string;
    readonly contentType: BundleContentType;
    readonly bytes: Uint8Array;
    readonly activate: boolean;
  },
): Promise<string | readonly BundleProblem[]> => {
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
  await deps.bundles.addVersion(version, activate);
  return version.version;
};

const problem = (code: string, message: string): BundleProblem => ({ code, message });
