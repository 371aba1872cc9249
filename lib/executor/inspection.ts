import type { Inspection } from '../ports/executor.ts';
import type { GuestIsolate } from './guest-isolate.ts';
import { firstPosition } from './stack-map.ts';

const WATCH_MS = 10;
const WALL_MS = 10_000;

/** Evaluates a bundle once, without bindings and without egress, and reports what it exports. */
export const inspectionOf = async (isolate: GuestIsolate, cpuMs: number): Promise<Inspection> => {
  try {
    await isolate.prepare();
  } catch (error) {
    return refused('bundle.invalid', error instanceof Error ? error.message : 'The bundle could not be compiled');
  }
  const startedAt = Date.now();
  const cpuAtStart = isolate.cpuMs;
  return new Promise((resolve) => {
    const end = (inspection: Inspection): void => {
      clearInterval(watch);
      resolve(inspection);
    };
    const watch = setInterval(() => {
      if (isolate.isDisposed)
        end(refused('bundle.too_large', 'Loading the bundle takes more memory than the limit of 128 MiB'));
      else if (isolate.cpuMs - cpuAtStart > cpuMs) {
        end(
          refused(
            'bundle.too_slow',
            `Loading the bundle takes more than ${cpuMs} ms of CPU time: move work into run()`,
          ),
        );
      } else if (Date.now() - startedAt > WALL_MS)
        end(refused('bundle.too_slow', 'Loading the bundle does not come to an end'));
    }, WATCH_MS);
    isolate.listener = {
      onMessage: (message) => end(read(message)),
      onAlarm: () => {},
    };
    isolate.inspect();
  });
};

/** The bundle has been evaluated by then and may have changed what the guest says: nothing of it is taken on trust. */
const read = (message: string): Inspection => {
  const { kind, workflows, hasFetch, message: why, stack } = fieldsOf(message);
  const isList = Array.isArray(workflows) && workflows.every((name) => typeof name === 'string');
  if (kind === 'inspected' && isList && typeof hasFetch === 'boolean') return { ok: true, workflows, hasFetch };
  if (kind !== 'inspect_failed' || typeof why !== 'string' || typeof stack !== 'string') {
    return refused('bundle.load_failed', 'Loading the bundle changed the globals that the platform stands on');
  }
  return {
    ok: false,
    problems: [{ code: 'bundle.load_failed', message: `Loading the bundle failed: ${why}`, ...firstPosition(stack) }],
  };
};

const fieldsOf = (message: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

const refused = (code: string, message: string): Inspection => ({ ok: false, problems: [{ code, message }] });
