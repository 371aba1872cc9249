import type { Summary } from '../ports/instance-store.ts';
import type { TurnStart } from '../ports/turn-messages.ts';
import { tokenPrefix } from './deferred-token.ts';
import type { TurnJournal } from './turn-journal.ts';
import type { TurnOptions } from './turn-options.ts';
import type { TurnSettings } from './turn-settings.ts';

/** What a guest starts from. `payload`: encoded; `null`: created without params. */
export const turnStart = (params: {
  readonly summary: Summary;
  readonly settings: TurnSettings;
  readonly journal: TurnJournal;
  readonly payload: string | null;
  readonly options: TurnOptions;
  readonly isResumed: boolean;
}): TurnStart => {
  const { summary, settings, journal, payload, isResumed } = params;
  const { endsAt, maxCallbackMs } = params.options;
  return {
    kind: 'start_turn',
    instanceId: summary.id,
    workflowName: summary.workflow,
    seed: summary.seed,
    tokenPrefix: tokenPrefix(summary),
    payload,
    timestamp: summary.createdAt,
    ...(summary.trigger.schedule !== undefined && { schedule: summary.trigger.schedule }),
    env: settings.env,
    ...journal.firstSegment(),
    position: journal.position,
    isPaused: false,
    isStrict: settings.isStrict,
    ...(isResumed && { isResumed: true }),
    isCautious: summary.unclosedClaims > 1,
    limits: { ...settings.limits, ...(maxCallbackMs !== undefined && { callbackMs: maxCallbackMs }) },
    ...(settings.policies.length > 0 && { policies: settings.policies }),
    ...(endsAt !== undefined && { endsAt }),
  };
};
