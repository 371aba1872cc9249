import { lengthText } from '../../client/wording.ts';
import type { Level, TailLine } from './tail-line.ts';

/** An event of a subscription, as much of it as a tail reads. */
export interface ToldEvent {
  readonly type: string;
  readonly timestamp: string;
  readonly stepName?: string;
  readonly attempt?: number;
  readonly level?: Level;
  readonly message?: string;
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
  readonly retryDelayMs?: number;
}

/** What a tail wants to hear of an instance: its beginning, what it says, what it throws, its end. */
export const TOLD_TYPES = [
  'workflow_queued',
  'log',
  'attempt_errored',
  'rollback_attempt_errored',
  'replay_diverged',
  'workflow_completed',
  'workflow_errored',
  'workflow_terminated',
] as const;

/** `undefined`: a type that was not asked for. */
export const eventLine = (
  event: ToldEvent,
  of: { readonly workflow: string; readonly id: string },
): TailLine | undefined => {
  const { stepName, attempt = 1 } = event;
  const said = saidBy(event);
  return (
    said && {
      time: event.timestamp,
      source: `${of.workflow} ${of.id}`,
      ...(stepName !== undefined && { step: attempt === 1 ? stepName : `${stepName} #${attempt}` }),
      ...said,
      told: { kind: 'event', ...of, event },
    }
  );
};

const saidBy = (event: ToldEvent): Pick<TailLine, 'level' | 'text' | 'outcome'> | undefined => {
  const { type, level = 'log', message = '', error, retryDelayMs } = event;
  const thrown = error === undefined ? '' : (error.stack ?? `${error.name}: ${error.message}`);
  switch (type) {
    case 'log':
      return { level, text: message };
    case 'workflow_queued':
      return { level: 'info', text: 'begins' };
    case 'attempt_errored':
    case 'rollback_attempt_errored': {
      const again = retryDelayMs === undefined ? '' : ` (again in ${lengthText(retryDelayMs)})`;
      return { level: 'error', text: `failed${again}: ${thrown}`, outcome: 'error' };
    }
    case 'replay_diverged':
      return { level: 'error', text: 'its code does not follow what is recorded', outcome: 'error' };
    case 'workflow_completed':
      return { level: 'info', text: 'complete', outcome: 'ok' };
    case 'workflow_errored':
      return { level: 'error', text: `errored: ${thrown}`, outcome: 'error' };
    case 'workflow_terminated':
      return { level: 'warn', text: 'terminated', outcome: 'error' };
    default:
      return undefined;
  }
};
