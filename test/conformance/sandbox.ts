import assert from 'node:assert/strict';
import { behaviour, NotHere } from './registry.ts';
import { type Detail, msBetween, stepOf, type TenantWorld, type World, workflow } from './world.ts';

/** A workflow that runs the command in its params in one step, and tells its result or why there is none. */
const SOURCE = workflow(`
    const { command, options, config } = event.payload;
    return step.do('exec', { retries: { limit: 0, delay: 0 }, ...config }, () => this.env.SANDBOX.exec(command, options));`);

interface Asked {
  readonly command: readonly string[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

const run = async (tenant: TenantWorld, asked: Asked): Promise<Detail> => {
  const detail = await (await tenant.create(asked)).finished();
  const message: string = detail.error?.message ?? '';
  if (/switched off|no way to contain/.test(message)) throw new NotHere(`needs sandboxes: ${message}`);
  return detail;
};

const result = async (tenant: TenantWorld, asked: Asked): Promise<Detail> => {
  const detail = await run(tenant, asked);
  assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
  return detail.output;
};

const error = async (tenant: TenantWorld, asked: Asked): Promise<{ name: string; message: string }> => {
  const detail = await run(tenant, asked);
  assert.equal(detail.status, 'errored', `expected a failure, got ${JSON.stringify(detail.output)}`);
  return detail.error;
};

const shell = (script: string): readonly string[] => ['sh', '-c', script];

const asking = (world: World): Promise<TenantWorld> => world.deployed(SOURCE);

behaviour('env.SANDBOX: exit code and both streams of a command are the result of its step', async (world) => {
  const command = shell('echo "$WORD"; echo wrong >&2; exit 3');
  assert.deepEqual(await result(await asking(world), { command, options: { env: { WORD: 'said' } } }), {
    exitCode: 3,
    stdout: 'said\n',
    stderr: 'wrong\n',
  });
});

behaviour('env.SANDBOX: a command that fails is a result and no error: it is not tried again', async (world) => {
  const options = { workspace: 'tries' };
  const tenant = await asking(world);
  const config = { retries: { limit: 3, delay: 0 } };
  const failing = { command: shell('echo once >> tries; exit 1'), options, config };
  assert.equal((await result(tenant, failing)).exitCode, 1);
  assert.equal((await result(tenant, { command: ['cat', 'tries'], options })).stdout, 'once\n');
});

behaviour('env.SANDBOX: the instance rests while the command works', async (world) => {
  const tenant = await asking(world);
  // Learns first whether there are sandboxes here.
  await result(tenant, { command: ['true'] });
  const instance = await tenant.create({ command: ['sleep', '3'] });
  await instance.waiting();
  assert.deepEqual(await instance.completed(), { exitCode: 0, stdout: '', stderr: '' });
});

behaviour(
  'env.SANDBOX: a command may take as long as it was given, whatever the timeout of its step',
  async (world) => {
    const tenant = await asking(world);
    await result(tenant, { command: ['true'] });
    const asked = { command: ['sleep', '5'], options: { timeout: '30 minutes' }, config: { timeout: '4 seconds' } };
    const instance = await tenant.create(asked);
    const detail = await instance.waiting('exec');
    const openMs = msBetween(stepOf(detail, 'exec').startedAt, detail.waitingFor[0].until);
    assert.ok(openMs > 30 * 60_000, `it is open for ${openMs} ms`);
    assert.deepEqual(await instance.completed(), { exitCode: 0, stdout: '', stderr: '' });
  },
);

behaviour('env.SANDBOX: a command that takes longer than its timeout fails its attempt', async (world) => {
  const tenant = await asking(world);
  const { name, message } = await error(tenant, { command: ['sleep', '1000'], options: { timeout: '1 second' } });
  assert.equal(name, 'SandboxTimeoutError');
  assert.match(message, /did not end within 1 s/);
});

behaviour(
  'env.SANDBOX: a workspace is there again for the next command that names it, and for no other',
  async (world) => {
    const tenant = await asking(world);
    await result(tenant, { command: shell('echo kept > file'), options: { workspace: 'one' } });
    const ls = async (options: Readonly<Record<string, unknown>>): Promise<string> =>
      (await result(tenant, { command: ['ls'], options })).stdout;
    assert.equal(await ls({ workspace: 'one' }), 'file\n');
    assert.equal(await ls({ workspace: 'two' }), '');
    assert.equal(await ls({}), '');
  },
);

behaviour('env.SANDBOX: the workspace of another tenant is not there', async (world) => {
  const [acme, globex] = [await asking(world), await asking(world)];
  const options = { workspace: 'same' };
  await result(acme, { command: shell('echo secret > acme-only'), options });
  const look = shell('ls; cat ../*/acme-only ../../*/*/acme-only 2> /dev/null; true');
  assert.equal((await result(globex, { command: look, options })).stdout, '');
});

behaviour('env.SANDBOX: one machine gives a command no network, its own least of all', async (world) => {
  // A platform elsewhere may have a network.
  const { operator } = await world.ownServer();
  const tenant = await world.tenant({}, operator);
  await tenant.deploy(SOURCE);
  const { port } = new URL(operator.url);
  const command = ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port} && echo reached`];
  const { exitCode, stdout } = await result(tenant, { command });
  assert.deepEqual([exitCode, stdout], [1, '']);
});

behaviour('env.SANDBOX: what is not allowed is refused by name, and nothing is started', async (world) => {
  const tenant = await asking(world);
  await result(tenant, { command: ['true'] });
  const refusals: readonly (readonly [Asked, RegExp])[] = [
    [{ command: [] }, /as a list of strings/],
    [{ command: ['true'], options: { workdir: '/' } }, /no option "workdir"/],
    [{ command: ['true'], options: { workspace: '../x' } }, /workspace is a name/],
    [{ command: ['true'], options: { timeout: '2 days' } }, /longer than this platform allows/],
    [{ command: ['true'], options: { env: { 'A=B': '1' } } }, /is no name/],
  ];
  for (const [asked, message] of refusals) assert.match((await error(tenant, asked)).message, message);
});

behaviour('env.SANDBOX: outside of a step it is refused', async (world) => {
  const tenant = await asking(world);
  await result(tenant, { command: ['true'] });
  await tenant.deploy(workflow("return this.env.SANDBOX.exec(['true']);"));
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.status, 'errored');
  assert.match(detail.error.message, /step/);
});

behaviour('env.SANDBOX: where it is switched off, a call says so and what the operator can do', async (world) => {
  const tenant = await asking(world);
  const detail = await (await tenant.create({ command: ['true'] })).finished();
  if (detail.status === 'complete') throw new NotHere('sandboxes are switched on here');
  assert.match(detail.error.message, /env\.SANDBOX is (switched off|refused).*operator/);
});
