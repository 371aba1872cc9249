import { parseArgs } from 'node:util';
import { processTerminal } from '../lib/cli/terminal.ts';
import { runTour } from '../lib/cli/tour/run-tour.ts';

/** `npm run demo`: what Tenon does, shown in two minutes. `--fast`: without the pauses for reading. */
const { values } = parseArgs({ options: { fast: { type: 'boolean', default: false } } });
process.exitCode = await runTour(processTerminal(), { isFast: values.fast });
