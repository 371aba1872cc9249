import { TenonError } from '../core/errors.ts';
import { MAX_BUFFERED_EVENTS } from '../core/limits.ts';
import { isEventType } from '../core/names.ts';
import type { InboxItem, InstanceKey } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { refuseUnlessRoom } from './instance-storage.ts';
import { instanceNotFound, tenantNotFound, tenantSuspended } from './refusals.ts';
import { spill, valuePrefix } from './stored-values.ts';

export interface SendEventParams {
  readonly key: InstanceKey;
  readonly eventType: string;
  /** Encoded; absent: none. */
  readonly payload?: string;
  /** The same key twice is one event; `digest` tells whether the body is the same one. */
  readonly idempotency?: { readonly key: string; readonly digest: string };
}

/** As many as an instance takes in all cannot fill it: not worth a read of its own. */
const SURELY_SMALL_CHARS = 4_096;

type Needs = Pick<Dependencies, 'clock' | 'randomness' | 'instances' | 'tenants' | 'blobs' | 'wakes'>;

/**
 * Accepted means durable: the event will be consumed by exactly one wait or stays buffered (E5).
 * @throws TenonError `instance.not_found`, `instance.finished`, `quota.exceeded`, `request.invalid`, `tenant.suspended`
 */
export const sendEvent = async (deps: Needs, params: SendEventParams): Promise<{ readonly eventId: string }> => {
  if (!isEventType(params.eventType)) {
    const message = 'An event type must match ^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,99}$';
    throw new TenonError('request.invalid', message, { fields: [{ path: 'type', message }] });
  }
  const tenant = await deps.tenants.getTenant(params.key.tenant);
  if (tenant === undefined) throw tenantNotFound();
  if (tenant.suspended) throw tenantSuspended(tenant);
  if (params.payload !== undefined && params.payload.length > SURELY_SMALL_CHARS) {
    const summary = await deps.instances.get(params.key);
    refuseUnlessRoom(summary?.storedBytes ?? 0, Buffer.byteLength(params.payload));
  }
  const eventId = deps.randomness.id();
  const payload =
    params.payload === undefined
      ? undefined
      : await spill(deps.blobs, `${valuePrefix(params.key)}events/${eventId}`, params.payload);
  const now = deps.clock.now();
  const item: InboxItem = {
    kind: 'event',
    eventId,
    eventType: params.eventType,
    at: now,
    ...(payload === undefined ? {} : { payload }),
  };
  const accepted = await deps.instances.accept({
    key: params.key,
    item,
    now,
    ...(params.idempotency === undefined ? {} : { idempotency: params.idempotency }),
  });
  switch (accepted.kind) {
    case 'accepted':
      await deps.wakes.wake({ key: params.key, incarnation: accepted.incarnation });
      return { eventId };
    case 'repeated':
      return { eventId: accepted.eventId };
    case 'idempotency_conflict':
      throw new TenonError('request.invalid', 'The Idempotency-Key was used before with another body', {
        fields: [{ path: 'Idempotency-Key', message: 'was used before with another body' }],
      });
    case 'not_found':
      throw instanceNotFound();
    case 'finished':
      throw new TenonError('instance.finished', 'The instance has finished: it takes no more events.');
    case 'full':
      throw new TenonError(
        'quota.exceeded',
        `The instance holds ${MAX_BUFFERED_EVENTS} events that nothing has waited for yet: no more fit.`,
        { retryAfterS: 60 },
      );
  }
};
