import { type Latency, latencyOf, rounded } from './statistics.ts';

export type ClosedLoop = Readonly<{
  callers: number;
  /** New instances are begun until both of these are passed; those under way are then waited for and counted. */
  minimumInstances: number;
  minimumMs: number;
  /** Creates one instance and returns when it is complete and its output was found right; throws otherwise. */
  complete(sequence: number): Promise<void>;
}>;

export type LoopResult = Readonly<{
  instances: number;
  seconds: number;
  instancesPerSecond: number;
  latencyMs: Latency;
}>;

/** Every caller begins its next instance when its last one is complete. The first failure ends the loop and is thrown. */
export async function driveClosedLoop(loop: ClosedLoop): Promise<LoopResult> {
  const latenciesMs: number[] = [];
  let begun = 0;
  let hasFailed = false;
  const beganAt = performance.now();

  async function call(): Promise<void> {
    for (;;) {
      const startedAt = performance.now();
      const isEnough = begun >= loop.minimumInstances && startedAt - beganAt >= loop.minimumMs;
      if (isEnough || hasFailed) return;
      try {
        await loop.complete(begun++);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      latenciesMs.push(performance.now() - startedAt);
    }
  }

  await Promise.all(Array.from({ length: loop.callers }, call));
  const seconds = (performance.now() - beganAt) / 1000;
  return {
    instances: latenciesMs.length,
    seconds: rounded(seconds),
    instancesPerSecond: rounded(latenciesMs.length / seconds),
    latencyMs: latencyOf(latenciesMs),
  };
}
