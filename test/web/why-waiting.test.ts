import { describe, expect, it } from 'vitest';
import type { Instance, Status, Step, WaitingFor } from '../../lib/client/operations.ts';
import { explain } from '../../lib/web/instance/why-waiting.ts';
import { instantText } from '../../lib/web/text/instant-text.ts';

const NOW = Date.parse('2026-11-25T12:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const IN_AN_HOUR = NOW + 3_600_000;
const AT = `${instantText(IN_AN_HOUR, NOW)} (in 1 h)`;

const step = (more: Partial<Step>): Step => ({
  type: 'step',
  name: 'charge',
  count: 1,
  status: 'running',
  startedAt: iso(NOW),
  attempts: [],
  ...more,
});

const lead = (status: Status, more: Partial<Instance> = {}, steps: readonly Step[] = []): string =>
  explain({ status, waitingFor: [], createdAt: iso(NOW - 5_000), ...more }, steps, NOW).lead;

const waitsFor = (wait: Partial<WaitingFor> & Pick<WaitingFor, 'kind'>, steps: readonly Step[] = []): string =>
  lead('waiting', { waitingFor: [{ name: 'charge', until: iso(IN_AN_HOUR), ...wait }] }, steps);

describe('why an instance is where it is', () => {
  it('says until when it sleeps', () => {
    expect(waitsFor({ kind: 'sleep', name: 'nap' })).toBe(`Sleeping in “nap” until ${AT}.`);
  });

  it('says which event it waits for, and when that is given up', () => {
    expect(waitsFor({ kind: 'event', name: 'manager', eventType: 'approval' })).toBe(
      `Waiting in “manager” for the event “approval”, at the latest until ${AT}.`,
    );
  });

  it('says how often a step has failed, and when it is tried again', () => {
    const failed = { number: 1, startedAt: iso(NOW - 10), endedAt: iso(NOW), error: { name: 'Error', message: '' } };
    const twice = step({ status: 'waiting', attempts: [failed, { ...failed, number: 2 }] });
    expect(waitsFor({ kind: 'retry' }, [twice])).toBe(`Step “charge” has failed 2 times and is tried again at ${AT}.`);
    expect(waitsFor({ kind: 'retry' })).toBe(`Step “charge” has failed and is tried again at ${AT}.`);
  });

  it('says that a result has to come from outside', () => {
    expect(waitsFor({ kind: 'deferred' })).toBe(
      `Step “charge” waits for its result from outside, at the latest until ${AT}.`,
    );
  });

  it('says which policy holds a step back', () => {
    const approvals = [
      { id: 'a1', policy: 'big-sums', status: 'pending', askedAt: iso(NOW), until: iso(NOW) },
    ] as const;
    expect(waitsFor({ kind: 'approval', approval: 'a1' }, [step({ approvals })])).toBe(
      `The policy “big-sums” holds back “charge” until the operator approves it, at the latest until ${AT}.`,
    );
    expect(waitsFor({ kind: 'approval', approval: 'a1' })).toMatch(/^A policy holds back “charge”/);
  });

  it('begins with what ends soonest, and tells the others too', () => {
    const waitingFor: WaitingFor[] = [
      { kind: 'event', name: 'late', eventType: 'go' },
      { kind: 'sleep', name: 'long', until: iso(NOW + 2 * 3_600_000) },
      { kind: 'sleep', name: 'short', until: iso(IN_AN_HOUR) },
    ];
    const { lead: first, others } = explain({ status: 'waiting', waitingFor, createdAt: iso(NOW) }, [], NOW);
    expect(first).toBe(`Sleeping in “short” until ${AT}.`);
    expect(others).toHaveLength(2);
    expect(others[1]).toBe('Waiting in “late” for the event “go”.');
  });

  it('says “now” for what is due', () => {
    expect(waitsFor({ kind: 'sleep', until: iso(NOW - 1) })).toBe('Sleeping in “charge” until now.');
  });

  it('tells a line at the beginning from one in the middle', () => {
    expect(lead('queued')).toBe('Queued: it begins as soon as a slot is free for it.');
    expect(lead('queued', { startedAt: iso(NOW) })).toMatch(/^Queued for a slot: .* goes on by itself\.$/);
  });

  it('says what runs, in which attempt, and what beside it', () => {
    expect(lead('running')).toBe('Running.');
    const third = step({ attempts: [{ number: 3, startedAt: iso(NOW) }] });
    expect(lead('running', {}, [third])).toBe('Running “charge”, attempt 3.');
    expect(lead('running', {}, [step({}), step({ count: 2 })])).toBe('Running “charge”, and 1 more at the same time.');
  });

  it('says what a pause stops, and what it waits for', () => {
    expect(lead('paused')).toMatch(/^Paused: .* until somebody resumes it\.$/);
    expect(lead('waitingForPause')).toMatch(/^About to pause: what runs at present is finished first/);
  });

  it('says what is undone, and when that is tried again', () => {
    expect(lead('rollingBack')).toBe('Rolling back.');
    expect(lead('rollingBack', {}, [step({ type: 'rollback' })])).toBe('Rolling back: undoing “charge”.');
    const waitingFor: WaitingFor[] = [{ kind: 'retry', name: 'charge', until: iso(IN_AN_HOUR) }];
    expect(lead('rollingBack', { waitingFor })).toBe(
      `Rolling back. Step “charge” has failed and is tried again at ${AT}.`,
    );
  });

  it('says how it ended, and what became of the way back', () => {
    const times = { startedAt: iso(NOW - 3_000), endedAt: iso(NOW) };
    expect(lead('complete', times)).toBe('Complete after 3 s.');
    expect(lead('terminated', { ...times, rollback: { outcome: 'complete' } })).toBe(
      'Terminated after 3 s. Rolled back.',
    );
    const error = { name: 'RangeError', message: 'no' };
    expect(lead('errored', { ...times, error, rollback: { outcome: 'failed' } })).toBe(
      'Failed after 3 s with RangeError. The rollback failed.',
    );
  });
});
