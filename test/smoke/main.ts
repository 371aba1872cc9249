import { parseArgs } from 'node:util';
import { CHECKS } from './checks.ts';
import { Deployment } from './deployment.ts';

/** `npm run smoke -- --url https://… --key …`: whether a deployment does what it is for, in about two minutes. */
const { values } = parseArgs({ options: { url: { type: 'string' }, key: { type: 'string' } } });
const url = values.url ?? process.env.TENON_URL;
const key = values.key ?? process.env.TENON_KEY;

if (url === undefined || key === undefined || !URL.canParse(url)) {
  console.error('npm run smoke -- --url https://<the API> --key <the operator key>   (or TENON_URL and TENON_KEY)');
  process.exit(2);
}

/** The checks, and that tenants are made before and removed after them. */
const asked = CHECKS.length + 2;
let held = 0;
const timed = async <T>(name: string, run: () => Promise<T>): Promise<T | undefined> => {
  const since = performance.now();
  const took = (): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`.padStart(8);
  try {
    const result = await run();
    held += 1;
    console.log(`ok   ${took()}  ${name}`);
    return result;
  } catch (error) {
    const told = error instanceof Error ? causesOf(error).join(': ') : String(error);
    console.log(`FAIL ${took()}  ${name}\n${told.replace(/^/gm, '       ')}`);
    return undefined;
  }
};

const causesOf = (error: Error): readonly string[] => [
  error.message,
  ...(error.cause instanceof Error ? causesOf(error.cause) : []),
];

const deployment = new Deployment(url, key);
const tenants = await timed('two throw-away tenants are made', async () => ({
  tenant: await deployment.makeTenant(),
  stranger: await deployment.makeTenant(),
}));
if (tenants !== undefined) {
  for (const { name, run } of CHECKS) await timed(name, () => run({ deployment, ...tenants }));
}
if (deployment.hasTenants) {
  await timed('the throw-away tenants are removed with all they have', () => deployment.removeTenants());
}

console.log(`smoke: ${held} of ${asked}`);
process.exitCode = held === asked ? 0 : 1;
