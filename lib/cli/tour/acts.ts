import type { HttpClient } from '../../client/http-client.ts';
import { lengthText, sizeText, versionText } from '../../client/wording.ts';
import { painter, type Terminal } from '../terminal.ts';
import { timelineText } from '../timeline-text.ts';
import type { Narrator } from './narrator.ts';
import type { Outside } from './outside.ts';
import type { TourServer } from './tour-server.ts';
import { TourTenant } from './tour-tenant.ts';

export interface Stage {
  readonly server: TourServer;
  readonly outside: Outside;
  /** `host:port` of it. */
  readonly outsideAddress: string;
  readonly operator: HttpClient;
  readonly narrator: Narrator;
  readonly terminal: Terminal;
}

const ORDER = 'order-1';

/** How long it took, ms, and what came of it. */
export const timed = async <T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> => {
  const since = performance.now();
  const value = await work();
  return { ms: performance.now() - since, value };
};

/** A tenant brings its code. */
export const upload = async ({ server, operator, outsideAddress, narrator, terminal }: Stage): Promise<TourTenant> => {
  narrator.act('1. A customer uploads a workflow');
  const acme = await TourTenant.make(operator, server.url, { id: 'acme', egress: { allow: [outsideAddress] } });
  await acme.setVariable('OUTSIDE', `http://${outsideAddress}`);
  const { ms, value } = await timed(() => acme.deploy('order.ts', terminal));
  await narrator.say(
    `"acme" is a customer of yours. It has uploaded order.ts (${sizeText(value.bytes)}): a class with run(event, step), written for Cloudflare Workflows.`,
  );
  await narrator.say(
    `Compiled, looked at in an isolate and active after ${lengthText(ms)}: version ${versionText(value.version ?? '')} with ${(value.workflows ?? []).map(({ name }) => name).join(' and ')}.`,
  );
  return acme;
};

/** An instance runs to its first wait. */
export const run = async ({ narrator, outside }: Stage, acme: TourTenant): Promise<void> => {
  narrator.act('2. An instance runs, and waits');
  const { ms } = await timed(async () => {
    await acme.create('Order', { id: ORDER, params: { item: 'a lamp' } });
    await acme.reached('Order', ORDER, 'workflow_waiting');
  });
  const [wait] = (await acme.read('Order', ORDER)).waitingFor ?? [];
  await narrator.say(
    `${ORDER} was started. The step "reserve" asked the outside world ${timesText(outside.count('reserve'))}, its result is recorded, and after ${lengthText(ms)} the instance waits for the event "${wait?.eventType ?? ''}".`,
  );
  await narrator.say('It may wait for 7 days. Until then it is some rows on disk: no process and no memory.');
};

/** Somebody says yes, and the next steps go on. Ends in the middle of one. */
export const approval = async ({ narrator, outside }: Stage, acme: TourTenant): Promise<void> => {
  narrator.act('3. Somebody approves');
  const packing = outside.hold('pack');
  const { ms } = await timed(async () => {
    await acme.send('Order', ORDER, 'approved', { by: 'Grace' });
    await packing;
  });
  await narrator.say(
    `Grace has sent the event. ${lengthText(ms)} later "charge" is done and recorded, and "pack" is in the middle of its work: it has asked the outside world and has no answer yet.`,
  );
};

/** The server dies, and comes back. */
export const crash = async ({ server, narrator, outside, terminal }: Stage, acme: TourTenant): Promise<void> => {
  narrator.act('4. The server is killed at the worst moment');
  const { pid } = server;
  await server.end('SIGKILL');
  outside.holdNothing();
  await narrator.say(`SIGKILL to process ${pid} and all of its children. Nothing could be saved, nothing runs.`);
  const started = await timed(() => server.start());
  const { ms, value } = await timed(() => acme.read('Order', ORDER, 20));
  await narrator.say(
    `Started again in ${lengthText(started.ms)}; ${lengthText(ms)} later ${ORDER} is ${value.status}, and nobody has asked for it:`,
  );
  const now = terminal.now();
  await narrator.show(timelineText(value, { now, paint: painter(terminal.isColoured), outputLimit: 100 }));
  const counts = ['reserve', 'charge', 'pack', 'ship'].map((what) => `${what} ${timesText(outside.count(what))}`);
  await narrator.say(`The outside world was asked for ${counts.join(', ')}.`);
  await narrator.say(
    'What was recorded before the crash never ran again; "pack", which was cut off, was called once more.',
  );
};

const timesText = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
