import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { OwnServer } from '../conformance/server.ts';

/** In CI 50 (`npm run test:kills`); in the default test as many as its time allows. */
const KILLS = Number(process.env.KILLS ?? 3);
const INSTANCES = 100;
const STEPS = KILLS > 20 ? 24 : 12;
const TENANT = 'killed';

// Each step has an effect outside; the ledger answers how many times it was told the same.
const WORKFLOW = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class Effects extends WorkflowEntrypoint {
  async run(event, step) {
    const { ledger, steps } = event.payload;
    const answers = [];
    for (let n = 0; n < steps; n++) {
      await step.do('pure ' + n, async () => n);
      answers.push(await step.do('effect ' + n, { retries: { limit: 100, delay: 20, backoff: 'constant' } }, async () => {
        const response = await fetch(ledger + '/' + event.instanceId + '/' + n + '?delay=40');
        await response.text();
        return n;
      }));
    }
    return answers;
  }
}`;

const server = new OwnServer();
const ledger = new Ledger();

beforeAll(async () => {
  await ledger.listen();
  await server.start();
});

afterAll(async () => {
  await server.remove();
  await ledger.close();
});

const until = async (isTrue: () => boolean | Promise<boolean>, withinMs: number): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test(`${KILLS} SIGKILLs of the whole process group lose no instance and repeat no settled step`, async () => {
  const api = new Api(server.url, server.operatorKey);
  await api.expect(201, 'POST', '/v1/tenants', {
    json: { id: TENANT, egress: { allow: [`127.0.0.1:${ledger.port}`] } },
  });
  const bytes = Buffer.from(WORKFLOW);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const declared = await api.expect(201, 'POST', `/v1/tenants/${TENANT}/bundles`, {
    json: { size: bytes.length, sha256, contentType: 'text/javascript' },
  });
  await api.expect(200, 'PUT', declared.body.upload.url, {
    raw: bytes,
    headers: declared.body.upload.headers,
    key: null,
  });
  const bundle = await api.expect(200, 'GET', `/v1/tenants/${TENANT}/bundles/${declared.body.bundle.id}?wait=20`);
  expect(bundle.body.status).toBe('ready');

  const path = `/v1/tenants/${TENANT}/workflows/Effects/instances`;
  const ids = Array.from({ length: INSTANCES }, (_, index) => `i${index}`);
  const params = { ledger: `http://127.0.0.1:${ledger.port}`, steps: STEPS };
  const made = await api.expect(200, 'POST', `${path}/batch`, {
    json: { instances: ids.map((id) => ({ id, params })) },
  });
  expect(made.body.created).toHaveLength(INSTANCES);

  const effects = () => ids.reduce((sum, id) => sum + ledger.entries(id).length, 0);
  let kills = 0;
  for (; kills < KILLS; kills++) {
    // Some progress between two kills, and a different moment each time.
    const before = effects();
    await until(() => effects() >= before + 10 + ((kills * 7) % 40), 30_000).catch(() => {});
    if (effects() >= INSTANCES * STEPS && kills > 0) break;
    await server.restart('SIGKILL');
  }

  for (const id of ids) {
    const answer = await api.expect(200, 'GET', `${path}/${id}?wait=20`);
    expect(answer.body.status, `${id}: ${JSON.stringify(answer.body.error)}`).toBe('complete');
    expect(answer.body.output).toEqual(Array.from({ length: STEPS }, (_, n) => n));
  }
  let repeated = 0;
  for (const id of ids) {
    const order = ledger.entries(id).map(({ what }) => Number(what.split('?')[0]));
    // Steps run one after the other: an effect seen after a later step's would be a settled step that ran again.
    expect(order, id).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(STEPS);
    const extra = order.length - STEPS;
    expect(extra, `repeated effects of ${id}`).toBeLessThanOrEqual(kills);
    repeated += extra;
  }
  console.log(`kills: ${kills}, instances: ${INSTANCES}, effects: ${INSTANCES * STEPS}, repeated: ${repeated}`);
}, 300_000);
