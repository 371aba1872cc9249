/** `node compile.ts flows/team-onboarding.json > workflow.ts`. Ends with 1 where the flow is refused, and says why. */
import { readFileSync } from 'node:fs';
import { compileFlow } from './compile-flow.ts';

const [, , file] = process.argv;
if (file === undefined) throw new Error('name the file of a flow');
const compiled = compileFlow(JSON.parse(readFileSync(file, 'utf8')));
if (compiled.ok) process.stdout.write(compiled.source);
else {
  for (const { at, message } of compiled.problems) process.stderr.write(`${at}: ${message}\n`);
  process.exitCode = 1;
}
