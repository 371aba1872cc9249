import { readFileSync } from 'node:fs';
import { FILES } from '../../../lib/aws-environment.ts';
import { Supervisor } from '../../../lib/executor/supervisor.ts';
import type { ExecutableBundle, Inspection } from '../../../lib/ports/executor.ts';

/** Stands in for the real function: does by itself what takes the whole package, running tenants' code. */
export const handler = async (bundle: ExecutableBundle): Promise<Inspection> => {
  const executor = new Supervisor({ prelude: readFileSync(new URL(FILES.prelude, import.meta.url), 'utf8') });
  try {
    return await executor.inspect(bundle);
  } finally {
    await executor.close();
  }
};
