import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_INSTANCE_STORAGE_BYTES } from '../../lib/core/limits.ts';
import { createTenant } from '../../lib/service/create-tenant.ts';
import { refuseUnlessRoom } from '../../lib/service/instance-storage.ts';
import { sendEvent } from '../../lib/service/send-event.ts';
import { valuePrefix } from '../../lib/service/stored-values.ts';
import { KEY, newInstance, release, waiting } from '../contracts/instance-fixture.ts';
import { createDependencies } from '../http/api.ts';

describe('an instance that stores nearly as much as it may', () => {
  let fixture: ReturnType<typeof createDependencies>;

  beforeEach(async () => {
    fixture = createDependencies();
    const { deps, clock } = fixture;
    await createTenant(deps, { id: KEY.tenant });
    await deps.instances.create(newInstance(clock.now()));
    await deps.instances.append(release(waiting({ storedBytes: MAX_INSTANCE_STORAGE_BYTES - 300_000 })));
  });
  afterEach(() => fixture.close());

  const send = (chars: number) =>
    sendEvent(fixture.deps, { key: KEY, eventType: 'e', payload: JSON.stringify('x'.repeat(chars)) });

  it('takes an event that fits, and refuses one that does not, of which nothing is left', async () => {
    await expect(send(299_000)).resolves.toHaveProperty('eventId');
    await fixture.deps.blobs.removeAll(valuePrefix(KEY));
    await expect(send(300_000)).rejects.toMatchObject({ code: 'quota.exceeded' });
    expect((await fixture.deps.instances.get(KEY))?.inboxSeq).toBe(1);
  });

  it('takes small ones without looking', async () => {
    await fixture.deps.instances.append(release(waiting({ storedBytes: 2 * MAX_INSTANCE_STORAGE_BYTES })));
    await expect(send(4_000)).resolves.toHaveProperty('eventId');
  });

  it('is full to the byte', () => {
    expect(() => refuseUnlessRoom(MAX_INSTANCE_STORAGE_BYTES - 1, 1)).not.toThrow();
    expect(() => refuseUnlessRoom(MAX_INSTANCE_STORAGE_BYTES, 1)).toThrow('stores as much as it may');
  });
});
