import type { Inspection } from '../ports/executor.ts';
import type { GuestIsolate } from './guest-isolate.ts';
import { firstPosition } from './stack-map.ts';

const WATCH_MS = 10;
const WALL_MS = 10_000;

type Answer =
  | { readonly kind: 'inspected'; readonly workflows: readonly string[]; readonly hasFetch: boolean }
  | { readonly kind: 'inspect_failed'; readonly message: string; readonly stack: string };

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
      onBroken: () =>
        end(refused('bundle.too_large', 'Loading the bundle takes more memory than the limit of 128 MiB')),
    };
    isolate.inspect();
  });
};

const read = (message: string): Inspection => {
  const answer = JSON.parse(message) as Answer;
  if (answer.kind === 'inspected') return { ok: true, workflows: answer.workflows, hasFetch: answer.hasFetch };
  return {
    ok: false,
    problems: [
      {
        code: 'bundle.load_failed',
        message: `Loading the bundle failed: ${answer.message}`,
        ...firstPosition(answer.stack),
      },
    ],
  };
};

const refused = (code: string, message: string): Inspection => ({ ok: false, problems: [{ code, message }] });
