import { installDeterministicGlobals } from '../../../lib/guest/web/deterministic.ts';
import { beginTurn, installGlobals } from '../../../lib/guest/web/install.ts';
import { forbidCodeGeneration } from '../../../lib/guest/web/no-eval.ts';
import { removeGlobals } from '../../../lib/guest/web/remove.ts';
import { ManualGate, settled } from './manual-gate.ts';
import { tools } from './snippet-tools.ts';

/** The prelude of the tests: what the guest does before tenant code, with a gate that is set by hand. */
const gate = new ManualGate();
const bench = { gate, settled, beginTurn };
Object.assign(globalThis, { $tools: tools, $bench: bench });
removeGlobals(globalThis);
installGlobals(globalThis, gate);
installDeterministicGlobals(globalThis, gate);
forbidCodeGeneration(globalThis);

export type Bench = typeof bench;
