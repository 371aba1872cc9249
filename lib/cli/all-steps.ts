import type { InstanceDetail, ShownStep } from './api-types.ts';
import type { Connection } from './connection.ts';

/** The detail holds the first hundred. */
export const allSteps = async (
  connection: Connection,
  path: string,
  detail: InstanceDetail,
): Promise<readonly ShownStep[]> => {
  const steps = [...detail.steps];
  let cursor = detail.stepsCursor;
  while (typeof cursor === 'string') {
    const page: { readonly steps: readonly ShownStep[]; readonly cursor?: string | null } =
      await connection.client.call('GET', `${path}/steps`, { query: { cursor, limit: 200 } });
    steps.push(...page.steps);
    cursor = page.cursor;
  }
  return steps;
};
