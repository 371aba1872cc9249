import { isFinished } from '../api-types.ts';

/** An instance that the lists show. */
export interface Listed {
  readonly workflow: string;
  readonly id: string;
  readonly status: string;
  readonly version: string;
  readonly createdAt: string;
}

export const keyOf = ({ workflow, id }: Pick<Listed, 'workflow' | 'id'>): string => `${workflow}/${id}`;

export interface Choice {
  readonly chosen: readonly Listed[];
  /** How many would be followed if there were room. */
  readonly leftOut: number;
}

const AT_REST: readonly string[] = ['waiting', 'paused'];

/**
 * Whom to follow, at most `max`: first those at work, and those that began since `since` (epoch ms) and may have ended already, then those that wait; the newer
 * ones first. Who has been told to the end is passed over.
 */
export const chooseInstances = (params: {
  readonly listed: readonly Listed[];
  readonly since: number;
  readonly max: number;
  readonly isTold: (instance: Listed) => boolean;
}): Choice => {
  const { listed, since, max, isTold } = params;
  const isNew = ({ createdAt }: Listed): boolean => Date.parse(createdAt) >= since;
  const wanted = listed
    .filter((instance) => !isTold(instance) && (!isFinished(instance.status) || isNew(instance)))
    .map((instance) => ({ instance, rest: AT_REST.includes(instance.status) ? 1 : 0 }))
    .sort((a, b) => a.rest - b.rest || b.instance.createdAt.localeCompare(a.instance.createdAt));
  return { chosen: wanted.slice(0, max).map(({ instance }) => instance), leftOut: Math.max(0, wanted.length - max) };
};
