import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../lib/client/http-client.ts';
import type { TenonClient } from '../../lib/client/tenon-client.ts';
import { fromLocalInput, toLocalInput } from '../../lib/web/text/local-input.ts';
import { outcomeText, terminateAll } from '../../lib/web/views/instances/bulk.ts';
import { readFilter } from '../../lib/web/views/instances/filter.ts';

describe('the filter of the instances', () => {
  it('is what the address says, with the first workflow where it names none', () => {
    expect(readFilter({ status: 'waiting', from: '2026-01-01T00:00:00Z' }, 'Digest')).toEqual({
      workflow: 'Digest',
      status: 'waiting',
      from: '2026-01-01T00:00:00Z',
      to: undefined,
      cursor: undefined,
    });
  });

  it('takes no status that there is not', () => {
    expect(readFilter({ status: 'sleepy', workflow: 'W' }, undefined)).toMatchObject({
      workflow: 'W',
      status: undefined,
    });
  });

  it('brings a time through the input of the reader’s zone and back', () => {
    const iso = '2026-01-01T10:30:00.000Z';
    expect(fromLocalInput(toLocalInput(iso))).toBe(iso);
    expect([toLocalInput('soon'), toLocalInput(undefined), fromLocalInput('')]).toEqual(['', '', undefined]);
  });
});

describe('terminating several instances', () => {
  const refusal = new RefusedError(
    { status: 409, code: 'instance.finished', title: '', detail: 'It has finished.' },
    {},
  );

  it('goes on where one is refused, and says how many were and why', async () => {
    const asked: string[] = [];
    const client = {
      call: async (_: string, { path }: { path: { id: string } }) => {
        asked.push(path.id);
        if (path.id === 'b') throw refusal;
      },
    } as unknown as TenonClient;
    const outcome = await terminateAll(client, { tenant: 't', workflow: 'W' }, ['a', 'b', 'c']);
    expect(asked.sort()).toEqual(['a', 'b', 'c']);
    expect(outcomeText(outcome, 'terminated')).toBe('2 instances terminated; 1 was refused: It has finished.');
  });

  it('stops where the server does not answer', async () => {
    const client = { call: () => Promise.reject(new Error('away')) } as unknown as TenonClient;
    await expect(terminateAll(client, { tenant: 't', workflow: 'W' }, ['a'])).rejects.toThrow('away');
    expect(outcomeText({ done: 1, problems: [] }, 'deleted')).toBe('1 instance deleted.');
  });
});
