import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeS3Client, makeStatesClient } from '../../lib/adapters/aws/aws-clients.ts';
import { S3BlobStore } from '../../lib/adapters/aws/s3-blob-store.ts';
import { S3SandboxResults } from '../../lib/adapters/aws/s3-sandbox-results.ts';
import { StatesSandbox } from '../../lib/adapters/aws/states-sandbox.ts';
import { SANDBOX_COMMANDS } from '../../lib/infra/sandbox-commands.ts';
import type { SandboxCommand, SandboxEnd } from '../../lib/ports/sandbox.ts';
import { finishSandbox } from '../../lib/service/finish-sandbox.ts';
import { objectService, type StandIn, startStandIn, statesService } from './aws-stand-ins.ts';
import { makeFolder } from './embedded-folder.ts';
import { testSnapshots } from './sandbox-snapshots.ts';

interface Execution {
  readonly job: string;
  readonly commandUrl: string;
  readonly workspaceUrl: string;
  readonly resultUrl: string;
}

const COMMAND: SandboxCommand = {
  kind: 'command',
  tenant: 'acme',
  token: 't-1',
  command: ['true'],
  env: {},
  timeoutMs: 600_000,
};
const folder = makeFolder();
let objects: StandIn;
let states: StandIn;
let blobs: S3BlobStore;
let sandbox: StatesSandbox;
let results: S3SandboxResults;
const onEnd = async (ended: (typeof told)[number]): Promise<void> => void told.push(ended);
const told: { tenant: string; token: string; end: SandboxEnd }[] = [];

beforeEach(async () => {
  objects = await startStandIn(objectService(100));
  states = await startStandIn(statesService());
  const s3 = makeS3Client({ ...objects.config, forcePathStyle: true });
  blobs = new S3BlobStore({ client: s3, bucket: 'tenon' });
  const client = makeStatesClient(states.config);
  sandbox = new StatesSandbox({ states: client, stateMachine: 'arn:states', s3, bucket: 'tenon', blobs, onEnd });
  results = new S3SandboxResults({ s3, bucket: 'tenon', blobs });
  told.length = 0;
});

afterEach(async () => {
  await Promise.all([objects.close(), states.close()]);
});

afterAll(() => folder.remove());

const started = (): Execution[] =>
  states.calls.map(({ body }) => JSON.parse(JSON.parse(body.toString()).input) as Execution);

const lastStarted = (): Execution => {
  const execution = started().at(-1);
  if (execution === undefined) throw new Error('Nothing was started');
  return execution;
};

const finish = (job: string, more: { outcome: 'built' | 'failed'; cause?: string } = { outcome: 'built' }) =>
  finishSandbox({ results, tell: async (ended) => void told.push(ended) }, { job, ...more });

/** What the state machine does: a build as CodeBuild runs it, then the end is told. */
const carryOut = async ({ job, commandUrl, workspaceUrl, resultUrl }: Execution): Promise<void> => {
  const links = { COMMAND_URL: commandUrl, WORKSPACE_URL: workspaceUrl, RESULT_URL: resultUrl };
  const shell = spawn('bash', ['-e', '-c', SANDBOX_COMMANDS.join('\n')], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, TMPDIR: folder.path, ...links },
  });
  expect(await once(shell, 'exit')).toEqual([0, null]);
  await finish(job);
};

const run = async (more: Partial<SandboxCommand>): Promise<SandboxEnd | undefined> => {
  await sandbox.start({ ...COMMAND, ...more });
  await carryOut(lastStarted());
  return told.at(-1)?.end;
};

const keysOf = (): readonly string[] => [
  ...new Set(
    objects.calls.filter(({ operation }) => operation.startsWith('PUT')).map(({ operation }) => operation.slice(11)),
  ),
];

describe.skipIf(process.platform !== 'linux')('a command as a build (its image is Linux, with GNU tools)', () => {
  testSnapshots({
    run: async (work) => {
      await sandbox.start(work);
      if (work.kind === 'command') await carryOut(lastStarted());
      return told.at(-1)?.end;
    },
    removeTenant: (tenant) => sandbox.removeTenant(tenant),
  });

  it('of two snapshots at a time under one name keeps the one, and tells both of it', async () => {
    await run({ command: ['touch', 'made'], workspace: 'w' });
    const take = { kind: 'take', tenant: 'acme', snapshot: 's', workspace: 'w' } as const;
    await Promise.all([sandbox.start({ ...take, token: 't-2' }), sandbox.start({ ...take, token: 't-3' })]);
    const ends = told.slice(-2).map(({ end }) => end.kind === 'taken' && end.isNew);
    expect(ends.sort()).toEqual([false, true]);
  });

  it('gives exit code and both streams, with arguments and variables as they are', async () => {
    const command = [
      'sh',
      '-c',
      'printf "[%s]" "$@" "$A"; echo err >&2; exit 3',
      'sh',
      "it's",
      '$HOME',
      '`id`',
      '\n',
      'B=C',
    ];
    expect(await run({ command, env: { A: 'two "words"; \'x\'\n$(id)' } })).toEqual({
      kind: 'exited',
      exitCode: 3,
      stdout: `[it's][$HOME][\`id\`][\n][B=C][two "words"; 'x'\n$(id)]`,
      stderr: 'err\n',
      isStdoutCut: false,
      isStderrCut: false,
    });
    expect(told[0]).toMatchObject({ tenant: 'acme', token: 't-1' });
  });

  it('finds its workspace again, and not that of another tenant or name', async () => {
    const ls = ['sh', '-c', 'ls; echo more >> kept'];
    expect(await run({ command: ls, workspace: 'w', token: 't-1' })).toMatchObject({ stdout: '' });
    expect(await run({ command: ls, workspace: 'w', token: 't-2' })).toMatchObject({ stdout: 'kept\n' });
    expect(await run({ command: ['cat', 'kept'], workspace: 'w', token: 't-3' })).toMatchObject({
      stdout: 'more\nmore\n',
    });
    expect(await run({ command: ls, workspace: 'other', token: 't-4' })).toMatchObject({ stdout: '' });
    expect(await run({ command: ls, workspace: 'w', token: 't-5', tenant: 'globex' })).toMatchObject({ stdout: '' });
    expect(await run({ command: ls, token: 't-6' })).toMatchObject({ stdout: '' });
  });

  it('keeps its log, and nothing else of what was for it alone', async () => {
    await run({ command: ['echo', 'said'], env: { SECRET: 'hunter2' } });
    const { job } = lastStarted();
    expect(Buffer.from((await blobs.get(`${job}.log`)) ?? []).toString()).toBe('said\n');
    for (const key of keysOf()) if (key !== `${job}.log`) expect(await blobs.get(key)).toBeUndefined();
  });

  it('is ended when its time is over', async () => {
    const end = await run({ command: ['sleep', '1000'], timeoutMs: 1_000 });
    expect(end).toEqual({ kind: 'failed', reason: 'timed_out', message: 'The command did not end within 1 s.' });
    expect(await run({ command: ['sh', '-c', 'exit 124'], token: 't-2' })).toMatchObject({
      kind: 'exited',
      exitCode: 124,
    });
  });

  it('shows much output cut in the middle', async () => {
    const end = await run({ command: ['seq', '200000'] });
    expect(end).toMatchObject({ isStdoutCut: true, isStderrCut: false });
    expect(end?.kind === 'exited' && end.stdout).toMatch(/^1\n2\n[\s\S]*bytes left out[\s\S]*\n200000\n$/);
  });
});

describe('an execution', () => {
  it('is named by its token, once, and holds neither that nor command nor variables', async () => {
    const secret = { ...COMMAND, token: 'the-token', command: ['deploy', '--now'], env: { KEY: 'hunter2' } };
    await sandbox.start(secret);
    await sandbox.start(secret);
    expect(states.calls).toHaveLength(2);
    const [first, second] = states.calls.map(({ body }) => JSON.parse(body.toString()).name);
    expect(first).toBe(second);
    for (const { body } of states.calls) expect(body.toString()).not.toMatch(/the-token|deploy|hunter2/);
  });

  it('has links to objects of its own tenant that last for two hours, each shorter than a variable of a build may be', async () => {
    await sandbox.start({ ...COMMAND, workspace: 'w' });
    const { commandUrl, workspaceUrl, resultUrl, job } = lastStarted();
    expect(job).toMatch(/^acme\/sandbox\/[0-9a-f]{64}$/);
    for (const url of [commandUrl, workspaceUrl, resultUrl].map((text) => new URL(text))) {
      expect(url.pathname.startsWith('/tenon/acme/sandbox/')).toBe(true);
      expect(url.searchParams.get('X-Amz-Expires')).toBe('7200');
      // The token of a role's session may take up to half of it.
      expect(url.href.length).toBeLessThan(2_000);
    }
    expect(resultUrl).not.toMatch(/checksum|crc32/i);
  });

  it('leaves nothing where it could not be started', async () => {
    await states.close();
    const client = makeStatesClient({ ...states.config, maxAttempts: 1 });
    const s3 = makeS3Client({ ...objects.config, forcePathStyle: true });
    const broken = new StatesSandbox({ states: client, stateMachine: 'arn:states', s3, bucket: 'tenon', blobs, onEnd });
    await expect(broken.start(COMMAND)).rejects.toThrow();
    for (const key of keysOf()) expect(await blobs.get(key)).toBeUndefined();
  });

  it('takes no image', async () => {
    await expect(sandbox.start({ ...COMMAND, image: 'node' })).rejects.toThrow('offers no images');
  });
});

describe('the end of an execution', () => {
  const ending = async (cause: string): Promise<SandboxEnd | undefined> => {
    await sandbox.start(COMMAND);
    await finish(lastStarted().job, { outcome: 'failed', cause });
    return told.at(-1)?.end;
  };

  it.each([
    ['lost', '{"Build":{"Arn":"arn:aws:codebuild:eu-west-1:111122223333:build/x","BuildStatus":"FAILED"}}'],
    ['timed_out', '{"Build":{"BuildStatus":"TIMED_OUT"}}'],
    ['not_started', 'States.TaskFailed'],
  ])('is a failure where the build was no success (%s), and names nothing of the account', async (reason, cause) => {
    const end = await ending(cause);
    expect(end).toMatchObject({ kind: 'failed', reason });
    expect(JSON.stringify(end)).not.toMatch(/arn|1111/);
  });

  it('is told once, however often it comes', async () => {
    await ending('x');
    await finish(lastStarted().job);
    expect(told).toHaveLength(1);
  });

  it('comes again where nobody could be told', async () => {
    await sandbox.start(COMMAND);
    const { job } = lastStarted();
    const deaf = async (): Promise<void> => {
      throw new Error('not now');
    };
    await expect(finishSandbox({ results, tell: deaf }, { job, outcome: 'failed' })).rejects.toThrow('not now');
    await finish(job, { outcome: 'failed' });
    expect(told).toHaveLength(1);
  });

  it.each([
    ['is missing', undefined],
    ['is empty', Buffer.alloc(0)],
    ['is no archive', Buffer.from('no archive')],
    ['holds nothing of what it should', gzipSync(Buffer.alloc(2_048))],
    [
      'claims a size that it does not have',
      gzipSync(Buffer.from(`exit-code${'\0'.repeat(115)}77777777777`.padEnd(1_024, '\0'))),
    ],
    ['is a bomb', gzipSync(Buffer.alloc(100_000_000))],
  ])('is a loss where what the build left %s', async (_, bytes) => {
    await sandbox.start({ ...COMMAND, workspace: 'w' });
    const { job } = lastStarted();
    if (bytes !== undefined) await blobs.put(`${job}/result.tar.gz`, bytes);
    await finish(job);
    expect(told.at(-1)?.end).toMatchObject({ kind: 'failed', reason: 'lost' });
    expect(await blobs.get('acme/sandbox/workspaces/w.tar.gz')).toBeUndefined();
  });

  it.each(['acme/sandbox/x', '../x', 'acme/values/0', ''])('is not taken of what is no job: %j', async (job) => {
    await expect(finish(job)).rejects.toThrow('Not a job of the sandbox');
  });
});
