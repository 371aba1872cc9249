import { MemorySlotStore } from '../simulation/memory-slot-store.ts';
import { testSlotStore } from './slot-store-contract.ts';

// The simulation proves nothing that its store does not keep.
testSlotStore({ setup: async () => new MemorySlotStore(), teardown: async () => {} });
