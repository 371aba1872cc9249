import { invalidField } from '../core/errors.ts';
import type { Isolation } from '../ports/tenant-store.ts';
import type { Dependencies } from './dependencies.ts';

/** @throws TenonError `request.invalid` for a level that this installation does not have */
export const checkedIsolation = (
  { isolationLevels }: Pick<Dependencies, 'isolationLevels'>,
  asked: Isolation | undefined,
): Isolation | undefined => {
  if (asked !== undefined && isolationLevels !== undefined && !isolationLevels.includes(asked)) {
    throw invalidField('isolation', `is not offered here: ask for ${isolationLevels.join(' or ')}`);
  }
  return asked;
};
