import { Ledger } from '../conformance/ledger.ts';
import { World } from '../conformance/world.ts';
import './cpu.ts';
import './disk.ts';
import './memory.ts';
import './escape.ts';
import './network.ts';
import './api.ts';
import { QuietTenant } from './quiet-tenant.ts';
import { type Attack, attacks } from './registry.ts';

export interface Outcome {
  readonly attack: Attack;
  readonly isContained: boolean;
  /** How it ended, or why it is not contained. */
  readonly end: string;
  /** The longest that an instance of the quiet tenant took beside it, ms. */
  readonly worstMs: number;
}

/** Attacks a server, one after the other, with a quiet tenant beside them. @throws where that one was hurt */
export const runAttacks = async (options: {
  readonly url: string;
  readonly operatorKey: string;
  /** Those whose fear or name has this text. @default all */
  readonly only?: string;
  readonly onOutcome: (outcome: Outcome) => void;
}): Promise<{ readonly outcomes: readonly Outcome[]; readonly quietInstances: number }> => {
  const { url, operatorKey, only = '', onOutcome } = options;
  const ledger = new Ledger();
  await ledger.listen();
  const world = new World({ url, operatorKey, ledger, canOwnServer: false });
  const quiet = await QuietTenant.arrive(world);
  const outcomes: Outcome[] = [];
  try {
    for (const one of attacks().filter(({ fear, name }) => `${fear}: ${name}`.includes(only))) {
      quiet.takeWorstMs();
      const { isContained, end } = await one.run(world).then(
        (end) => ({ isContained: true, end }),
        (error: Error) => ({ isContained: false, end: error.message }),
      );
      const outcome = { attack: one, isContained, end, worstMs: quiet.takeWorstMs() };
      outcomes.push(outcome);
      onOutcome(outcome);
    }
    await quiet.leave();
  } finally {
    await ledger.close();
  }
  return { outcomes, quietInstances: quiet.completed };
};
