import { Ledger } from '../../conformance/ledger.ts';
import type { LogLine } from '../lambda/log-stream.ts';
import { type LocalCloud, startLocalCloud } from '../local-cloud.ts';
import type { Template } from '../template/template.ts';
import type { Probe } from './probe.ts';
import type { CompiledBundle } from './probe-bundle.ts';
import { ProbeWorld } from './probe-world.ts';

export interface ProbeRun {
  readonly template: Template;
  readonly assemblyFolder: string;
  readonly bundle: CompiledBundle;
  /** In the order in which they are tried; those that run alone come last in any case. */
  readonly probes: readonly Probe[];
  /** Probes at a time, from the second on. */
  readonly concurrency: number;
  /** Told after each probe that held, when none runs beside it. */
  readonly onHeld?: (probe: Probe, cloud: LocalCloud, ms: number) => void;
}

export interface Noticed {
  /** Name of the probe, or `the deployment`. */
  readonly by: string;
  readonly why: string;
}

const LOOK_EVERY_MS = 25;

/** Deploys the template and asks probe after probe, until one does not hold. `undefined`: all hold. */
export const runProbes = async (run: ProbeRun): Promise<Noticed | undefined> => {
  const logs: LogLine[] = [];
  const troubles: string[] = [];
  const ledger = new Ledger();
  await ledger.listen();
  let cloud: LocalCloud;
  try {
    cloud = await startLocalCloud({
      template: run.template,
      assemblyFolder: run.assemblyFolder,
      onLog: (line) => logs.push(line),
      onTrouble: (what, error) => troubles.push(`${what}: ${error}`),
    });
  } catch (error) {
    await ledger.close();
    return { by: 'the deployment', why: String(error) };
  }
  const world = new ProbeWorld({ cloud, ledger, bundle: run.bundle, logs });
  try {
    return await askAll(run, { cloud, world, troubleNow: () => troubles[0] ?? troubleIn(cloud, logs) });
  } finally {
    await cloud.close();
    await ledger.close();
  }
};

interface Place {
  readonly cloud: LocalCloud;
  readonly world: ProbeWorld;
  readonly troubleNow: () => string | undefined;
}

const askAll = async (run: ProbeRun, place: Place): Promise<Noticed | undefined> => {
  const [first, ...others] = run.probes.filter(({ isAlone }) => !isAlone);
  const alone = run.probes.filter(({ isAlone }) => isAlone);
  const leading = run.probes[0]?.isAlone ? [run.probes[0]] : [];
  let noticed: Noticed | undefined;
  const ask = async (probe: Probe): Promise<void> => {
    const startedAt = performance.now();
    const found = await askOne(probe, place);
    if (found === undefined) run.onHeld?.(probe, place.cloud, performance.now() - startedAt);
    noticed ??= found;
  };
  for (const probe of leading) await ask(probe);
  if (first !== undefined && noticed === undefined) await ask(first);
  const waiting = [...others];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && noticed === undefined; next = waiting.shift())
      await ask(next);
  };
  const workers = Array.from({ length: run.concurrency }, worker);
  await Promise.race([Promise.all(workers), until(() => noticed !== undefined)]);
  for (const probe of alone) if (noticed === undefined && !leading.includes(probe)) await ask(probe);
  return noticed;
};

/** A part that fails makes its callers wait; its trouble is known at once. */
const askOne = async (probe: Probe, { cloud, world, troubleNow }: Place): Promise<Noticed | undefined> => {
  let isOver = false;
  const watching = until(() => isOver || troubleNow() !== undefined);
  const check = probe.check({ cloud, world }).then(
    () => undefined,
    (error: unknown) => String(error instanceof Error ? error.message : error),
  );
  const why = await Promise.race([check, watching.then(() => (isOver ? undefined : troubleNow()))]);
  isOver = true;
  const trouble = probe.isAlone ? undefined : troubleNow();
  const found = why ?? trouble;
  return found === undefined ? undefined : { by: probe.name, why: found };
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
};

/** An error in a function's log, or a function that failed: nothing that the probes do brings one about. */
const troubleIn = (cloud: LocalCloud, logs: readonly LogLine[]): string | undefined => {
  const line = logs.find((log) => log.line.includes('"event":"error"') && !log.line.includes(OVERSIZED));
  if (line !== undefined) return `${line.functionLogicalId} logged ${line.line.slice(0, 600)}`;
  for (const [name, { errors }] of cloud.functions.metrics) if (errors > 0) return `${name} failed`;
  return undefined;
};

/** Said of the message that no table can take. */
const OVERSIZED = 'Size of hashkey';
