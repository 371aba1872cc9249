import { parseArgs } from 'node:util';
import { synthesizeAssembly } from './assembly.ts';
import { startLocalCloud } from './local-cloud.ts';

/** `npm run cloud`: the AWS installation on this machine, for a person to use with `curl`, the CLI and the page. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8788' },
    logs: { type: 'boolean', default: false },
    /** What a tenant gets without asking: `isolate` or `microvm`. */
    level: { type: 'string', default: 'isolate' },
    sandbox: { type: 'boolean', default: true },
  },
});

console.log('synthesizing the stack ...');
const assembly = synthesizeAssembly({
  allowPrivateEgress: true,
  isolationLevels: values.level === 'microvm' ? ['microvm', 'isolate'] : ['isolate', 'microvm'],
  sandbox: values.sandbox,
  // As many as a machine of two cores bears beside everything else.
  maxDispatchers: 20,
});
const cloud = await startLocalCloud({
  template: assembly.template,
  assemblyFolder: assembly.folder,
  port: Number(values.port),
  onTrouble: (what, error) => console.error(`trouble with ${what}:`, error),
  ...(values.logs && { onLog: (line) => console.log(JSON.stringify(line)) }),
});
console.log(`listening ${cloud.url}`);
console.log(`operator key ${cloud.operatorKey}`);
for (const [name, value] of Object.entries(cloud.stack.outputs)) console.log(`${name} = ${value}`);

const stop = async (): Promise<void> => {
  await cloud.close();
  assembly.remove();
  process.exit(0);
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
