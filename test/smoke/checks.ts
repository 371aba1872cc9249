import assert from 'node:assert/strict';
import type { Deployment, SmokeTenant } from './deployment.ts';
import { SMOKE_SOURCE } from './source.ts';

export interface Smoke {
  readonly deployment: Deployment;
  /** Two throw-away tenants; the first has the workflows. */
  readonly tenant: SmokeTenant;
  readonly stranger: SmokeTenant;
}

export interface Check {
  readonly name: string;
  run(smoke: Smoke): Promise<void>;
}

const NAP_S = 4;
/** Later than this it was not the message that woke it but the sweeper, which comes once a minute. */
const LATE_MS = 15_000;

/** In their order: the second makes the version that all further ones run. */
export const CHECKS: readonly Check[] = [
  {
    name: 'answers to those without a key where it may, and refuses them elsewhere',
    run: async ({ deployment: { operator } }) => {
      await operator.expect(200, 'GET', '/healthz', { key: null });
      await operator.refused(401, 'auth.missing', 'GET', '/v1/tenants', { key: null });
      await operator.refused(401, 'auth.invalid', 'GET', '/v1/tenants', { key: 'no-such-key' });
    },
  },
  {
    name: 'an upload by link becomes a version with its workflows',
    run: async ({ tenant }) => {
      assert.deepEqual([...(await tenant.deploy(SMOKE_SOURCE))].toSorted(), ['Approval', 'Nap', 'Retry', 'Steps']);
    },
  },
  {
    name: 'steps run, and their results add up',
    run: async ({ tenant }) => {
      const instance = await tenant.create('Steps', { parts: 10 });
      assert.deepEqual(await instance.completed(), { sum: 55, instance: instance.id });
      assert.equal((await instance.detail()).stepCount, 10);
    },
  },
  {
    name: `a sleep of ${NAP_S} s takes that long, and not until the next sweep`,
    run: async ({ tenant }) => {
      const tookMs = (await (await tenant.create('Nap', { seconds: NAP_S })).completed()) as number;
      assert.ok(tookMs >= NAP_S * 1_000, `only ${tookMs} ms`);
      assert.ok(tookMs <= NAP_S * 1_000 + LATE_MS, `${tookMs} ms: its wake-up was lost`);
    },
  },
  {
    name: 'an event wakes the instance that waits for it',
    run: async ({ tenant }) => {
      const instance = await tenant.create('Approval');
      await instance.status('waiting');
      await instance.send('decided', { by: 'ada' });
      assert.deepEqual(await instance.completed(), { by: 'ada' });
    },
  },
  {
    name: 'a step that fails is tried again until it succeeds',
    run: async ({ tenant }) => {
      const instance = await tenant.create('Retry');
      assert.equal(await instance.completed(), 3);
      const [step] = (await instance.detail()).steps;
      assert.equal(step.attempts.length, 3);
      assert.match(step.attempts[0].error.message, /busy in attempt 1/);
    },
  },
  {
    name: 'a paused instance takes nothing until it is resumed, and an event sent twice under one key is one',
    run: async ({ tenant }) => {
      const instance = await tenant.create('Approval');
      await instance.status('waiting');
      await instance.control('pause');
      await instance.status('paused');
      const key = { 'idempotency-key': 'once' };
      const first = await instance.send('decided', 'while paused', key);
      const second = await instance.send('decided', 'while paused', key);
      assert.equal(second.body.eventId, first.body.eventId);
      assert.equal((await instance.detail()).status, 'paused');
      await instance.control('resume');
      assert.equal(await instance.completed(), 'while paused');
    },
  },
  {
    name: 'a terminated instance stays so, and takes no event',
    run: async ({ tenant }) => {
      const instance = await tenant.create('Approval');
      await instance.status('waiting');
      await instance.control('terminate');
      await instance.status('terminated');
      await tenant.api.refused(409, 'instance.finished', 'POST', `${instance.path}/events/decided`, { json: 'late' });
    },
  },
  {
    name: 'a call that waits is answered when the instance ends',
    run: async ({ tenant }) => {
      const instance = await tenant.create('Approval');
      await instance.status('waiting');
      const waiting = tenant.api.expect(200, 'GET', `${instance.path}?wait=20`);
      await instance.send('decided', 'at last');
      const { body } = await waiting;
      assert.equal(body.status, 'complete', `answered while ${body.status}`);
      assert.equal(body.output, 'at last');
    },
  },
  {
    name: 'another tenant sees nothing of it',
    run: async ({ tenant, stranger }) => {
      const { api } = stranger;
      await api.refused(404, 'tenant.not_found', 'GET', tenant.path);
      await api.refused(404, 'tenant.not_found', 'GET', `${tenant.path}/workflows`);
      await api.refused(404, 'tenant.not_found', 'GET', `${tenant.path}/workflows/Steps/instances`);
      await api.refused(403, 'auth.forbidden', 'GET', '/v1/tenants');
      const { body } = await api.expect(200, 'GET', `${stranger.path}/versions`);
      assert.deepEqual(body.versions, []);
    },
  },
  {
    name: 'the front door answers by the active version, sandboxed',
    run: async ({ tenant }) => {
      const { body, headers } = await tenant.api.expect(200, 'GET', `/t/${tenant.id}/some/where`, { key: null });
      assert.deepEqual(body, { path: '/some/where' });
      assert.match(headers.get('content-security-policy') ?? '', /sandbox/);
    },
  },
];
