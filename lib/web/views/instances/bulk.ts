import { RefusedError } from '../../../client/http-client.ts';
import type { TenonClient } from '../../../client/tenon-client.ts';
import { countText } from '../../../client/wording.ts';

/** How it went with each of several. */
export interface Outcome {
  readonly done: number;
  readonly problems: readonly string[];
}

const AT_ONCE = 6;

/** Each by a call of its own; one that is refused holds no other up. */
export const terminateAll = async (
  client: TenonClient,
  path: { readonly tenant: string; readonly workflow: string },
  ids: readonly string[],
): Promise<Outcome> => {
  const problems: string[] = [];
  const left = [...ids];
  const work = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await client.call('PATCH /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/status', {
          path: { ...path, id },
          body: { status: 'terminate' },
        });
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        problems.push(error.problem.detail);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work));
  return { done: ids.length - problems.length, problems };
};

/** `3 instances terminated; 1 was refused: It has finished.` */
export const outcomeText = ({ done, problems }: Outcome, verb: string): string => {
  const [first] = problems;
  const text = `${countText(done, 'instance')} ${verb}`;
  return first === undefined ? `${text}.` : `${text}; ${countText(problems.length, 'was', 'were')} refused: ${first}`;
};
