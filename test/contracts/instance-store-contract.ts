import { describe } from 'vitest';
import type { InstanceStoreContract } from './instance-fixture.ts';
import { testInstanceInbox } from './instance-inbox-contract.ts';
import { testInstanceJournal } from './instance-journal-contract.ts';
import { testInstanceList } from './instance-list-contract.ts';
import { testInstanceTurns } from './instance-turn-contract.ts';

/** What every `InstanceStore` does, whatever it stands on. */
export const testInstanceStore = (contract: InstanceStoreContract): void => {
  describe('an instance store', () => {
    testInstanceTurns(contract);
    testInstanceJournal(contract);
    testInstanceInbox(contract);
    testInstanceList(contract);
  });
};
