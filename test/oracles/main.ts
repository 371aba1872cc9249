import { cfnLint } from './cfn-lint.ts';
import { motoOracles } from './moto.ts';
import { lineOf } from './oracle.ts';

/**
 * Holds adapters and template against implementations that others wrote, where Python has them: moto for what the
 * adapters say to AWS, cfn-lint for the template. One line each; what disagrees makes it fail, what is missing does not.
 */
let agree = true;
for (const oracle of [...motoOracles, cfnLint]) {
  const outcome = await oracle.ask();
  if (outcome.kind === 'asked') agree &&= outcome.agrees;
  console.log(lineOf(oracle.name, outcome));
}
process.exitCode = agree ? 0 : 1;
