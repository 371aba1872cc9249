import './all-behaviours.ts';
import { Ledger } from './ledger.ts';
import { type Behaviour, behaviours, NotHere } from './registry.ts';
import { World } from './world.ts';

export interface ConformanceOptions {
  /** Of the server under test. */
  readonly url: string;
  readonly operatorKey: string;
  /** Checks at a time. */
  readonly concurrency: number;
  /** Those whose name has this text. @default all */
  readonly only?: string;
  /** Whether checks may start servers of their own. @default false */
  readonly canOwnServer?: boolean;
  /**
   * What fails is asked once more, alone, when all others have ended: for servers that share two cores with everything
   * that they stand on. The result tells how many held only then. @default false
   */
  readonly asksTwice?: boolean;
  /** One line or more for each check, as it ends. */
  readonly say: (line: string) => void;
}

export interface ConformanceResult {
  readonly held: number;
  /** Of these, those that held when they were asked once more. */
  readonly heldLater: number;
  /** Without those that could not be asked here. */
  readonly asked: number;
  readonly skipped: number;
}

/** Holds a server to every behaviour of the contract. */
export const runConformance = async (options: ConformanceOptions): Promise<ConformanceResult> => {
  const { url, operatorKey, concurrency, only, canOwnServer = false, asksTwice = false, say } = options;
  const ledger = new Ledger();
  await ledger.listen();
  const chosen = behaviours().filter(({ name }) => only === undefined || name.includes(only));
  const queue = [...chosen];
  const failed: Behaviour[] = [];
  let held = 0;
  let skipped = 0;

  const check = async (behaviour: Behaviour): Promise<void> => {
    const { name, check: run } = behaviour;
    const world = new World({ url, operatorKey, ledger, canOwnServer });
    try {
      await run(world);
      held += 1;
      say(`ok    ${name}`);
    } catch (error) {
      if (error instanceof NotHere) {
        skipped += 1;
        say(`skip  ${name} (${error.message})`);
        return;
      }
      failed.push(behaviour);
      const message = String(error instanceof Error ? error.message : error);
      say(`FAIL  ${name}\n      ${message.replaceAll('\n', '\n      ')}`);
    } finally {
      await world.close();
    }
  };
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await check(next);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const heldAtOnce = held;
  if (asksTwice) for (const behaviour of failed.splice(0)) await check(behaviour);
  await ledger.close();
  return { held, heldLater: held - heldAtOnce, asked: chosen.length - skipped, skipped };
};
