import type { Step } from '../../client/operations.ts';

/** A step's name within its instance, as the page refers to it. */
export const stepKeyOf = ({ type, name, count }: Pick<Step, 'type' | 'name' | 'count'>): string =>
  `${type}:${count}:${name}`;

/** As people read it: the first of its name needs no number. */
export const stepLabelOf = ({ type, name, count }: Pick<Step, 'type' | 'name' | 'count'>): string =>
  `${type === 'rollback' ? 'undo ' : ''}${name}${count === 1 ? '' : ` #${count}`}`;

/** `name-count`, by which log lines name the step whose callback has said them. */
export const logNameOf = ({ name, count }: Pick<Step, 'name' | 'count'>): string => `${name}-${count}`;

export const KIND_NAMES: Readonly<Record<Step['type'], string>> = {
  step: 'step',
  sleep: 'sleep',
  waitForEvent: 'wait for an event',
  rollback: 'rollback',
};
