import { readFileSync } from 'node:fs';
import { FILES } from '../../../lib/aws-environment.ts';
import { EsbuildCompiler } from '../../../lib/bundle/esbuild-compiler.ts';
import { Supervisor } from '../../../lib/executor/supervisor.ts';

/** Stands in for the real function: does what takes the whole package, compiling and evaluating a tenant's source. */
export const handler = async (source: string): Promise<unknown> => {
  const compiler = new EsbuildCompiler();
  const executor = new Supervisor({ prelude: readFileSync(new URL(FILES.prelude, import.meta.url), 'utf8') });
  try {
    const compiled = await compiler.compile({ contentType: 'text/typescript', bytes: Buffer.from(source) });
    return { compiled, inspection: compiled.ok ? await executor.inspect(compiled.bundle, 'test') : undefined };
  } finally {
    await Promise.all([compiler.close(), executor.close()]);
  }
};
