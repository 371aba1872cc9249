import type { Status, Step } from '../../client/operations.ts';

export type ActionName = 'send' | 'pause' | 'resume' | 'terminate' | 'restart' | 'restartFrom' | 'replay';

/** Why an action makes no sense at present, for each that does not. */
export type Unavailable = Readonly<Partial<Record<ActionName, string>>>;

const FINAL: ReadonlySet<Status> = new Set(['complete', 'errored', 'terminated']);

export const isFinal = (status: Status): boolean => FINAL.has(status);

/** @param selected the step to which `restartFrom` would go back */
export const unavailableActions = (status: Status, selected: Step | undefined): Unavailable => ({
  ...(isFinal(status) && {
    send: 'It has ended: nothing would take an event.',
    pause: 'It has ended.',
    terminate: 'It has ended.',
  }),
  ...(status === 'paused' && { pause: 'It is paused.' }),
  ...(status === 'waitingForPause' && { pause: 'It is about to pause.' }),
  ...(status !== 'paused' && status !== 'waitingForPause' && { resume: 'It is not paused.' }),
  ...(selected === undefined && { restartFrom: 'Select a step in the timeline first.' }),
  ...(selected?.type === 'rollback' && {
    restartFrom: 'A rollback is no step to start from. Select one of the others.',
  }),
});
