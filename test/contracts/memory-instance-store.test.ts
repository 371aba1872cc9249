import { MemoryInstanceStore } from '../simulation/memory-instance-store.ts';
import { testInstanceStore } from './instance-store-contract.ts';

testInstanceStore({ setup: async (options) => new MemoryInstanceStore(options), teardown: async () => {} });
