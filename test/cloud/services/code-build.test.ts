import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodeBuild } from './code-build.ts';
import { makeCodeBuild } from './code-build.ts';
import { RecordingAuthorizer, stackOf } from './services-fixture.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Build';
const LOG_STREAM = /^arn:aws:logs:eu-central-1:123456789012:log-group:builds:log-stream:[0-9a-f-]{36}$/;

let authorizer: RecordingAuthorizer;
let codeBuild: CodeBuild;
beforeEach(() => {
  authorizer = new RecordingAuthorizer();
});
afterEach(() => codeBuild.close());

const stackWith = (commands: readonly string[], spec: object = {}) =>
  stackOf([
    {
      logicalId: 'Build',
      type: 'AWS::CodeBuild::Project',
      ref: 'project',
      arn: 'arn:aws:codebuild:eu-central-1:123456789012:project/project',
      properties: {
        Artifacts: { Type: 'NO_ARTIFACTS' },
        Environment: { EnvironmentVariables: [{ Name: 'GIVEN', Value: 'by the project' }] },
        LogsConfig: { CloudWatchLogs: { GroupName: 'builds', Status: 'ENABLED' } },
        ServiceRole: ROLE,
        Source: {
          Type: 'NO_SOURCE',
          BuildSpec: JSON.stringify({
            version: '0.2',
            env: { shell: 'bash' },
            phases: { build: { commands } },
            ...spec,
          }),
        },
        TimeoutInMinutes: 60,
      },
    },
  ]);
const open = (commands: readonly string[], limitMs?: number) => {
  codeBuild = makeCodeBuild({
    stack: stackWith(commands),
    authorizer,
    ...(limitMs !== undefined && { limitMs }),
  });
  return (variables: Record<string, string> = {}) => codeBuild.start({ projectName: 'project', variables });
};

describe('a build', () => {
  it('runs its commands in one shell, with variables of the project and of this build and none of ours', async () => {
    process.env.OUR_OWN = 'secret';
    const start = open([
      'mine=1',
      'echo "$mine $GIVEN $COMMAND [$OUR_OWN]"',
      '[ "$PWD" = "$CODEBUILD_SRC_DIR" ]',
      'ls -A',
    ]);
    const { status, log, description } = await start({ COMMAND: 'say "hi"' }).ended;
    delete process.env.OUR_OWN;
    expect(log).toBe('1 by the project say "hi" []\n');
    expect(status).toBe('SUCCEEDED');
    expect(description).toMatchObject({
      BuildStatus: 'SUCCEEDED',
      ProjectName: 'project',
      Logs: { GroupName: 'builds' },
    });
  });

  it('has a folder to itself, which goes with it', async () => {
    const start = open(['cd "$TMPDIR" && echo text > file && pwd']);
    const [first, second] = (await Promise.all([start().ended, start().ended])).map(({ log }) => log.trim());
    expect(first).not.toBe(second);
    for (const folder of [first, second]) expect(existsSync(folder ?? '/')).toBe(false);
  });

  it('writes its log in the name of its role', async () => {
    await open(['true'])().ended;
    expect(authorizer.demands).toMatchObject([
      {
        principal: { kind: 'service', service: 'codebuild.amazonaws.com' },
        need: { action: 'sts:AssumeRole', resource: ROLE },
      },
      { principal: { kind: 'role', roleArn: ROLE }, need: { action: 'logs:CreateLogStream' } },
      { principal: { kind: 'role', roleArn: ROLE }, need: { action: 'logs:PutLogEvents' } },
    ]);
    expect(authorizer.demands.at(-1)?.need.resource).toMatch(LOG_STREAM);
  });

  it.each(['sts:AssumeRole', 'logs:CreateLogStream', 'logs:PutLogEvents'])(
    'without %s fails before its first command',
    async (action) => {
      authorizer.deny(action);
      const { status, log } = await open(['echo ran'])().ended;
      expect(status).toBe('FAILED');
      expect(log).toMatch(/^ACCESS_DENIED/);
    },
  );

  it('fails at the first command that fails', async () => {
    const { status, log } = await open(['echo a', 'false', 'echo b'])().ended;
    expect({ status, log }).toEqual({ status: 'FAILED', log: 'a\n' });
  });

  it('ends when its time is up, with all that it started', async () => {
    const start = open(['sleep 60 & echo "background $!"', 'sleep 60'], 300);
    const { status, log } = await start().ended;
    expect(status).toBe('TIMED_OUT');
    expect(existsSync(`/proc/${log.match(/background (\d+)/)?.[1]}/cwd`)).toBe(false);
  });

  it('does not wait for what it left in the background', async () => {
    expect((await open(['sleep 60 & true'])().ended).status).toBe('SUCCEEDED');
  });

  it('is stopped on demand, and when the cloud is closed', async () => {
    const start = open(['sleep 60']);
    const [first, second] = [start(), start()];
    first.stop();
    expect((await first.ended).status).toBe('STOPPED');
    await codeBuild.close();
    expect((await second.ended).status).toBe('STOPPED');
  });

  it('with a variable that is too long, or whose name is the service’s own, is refused', async () => {
    const start = open(['[ $(printf %s "$LONG" | wc -c) -eq 4096 ]']);
    expect((await start({ LONG: 'x'.repeat(4_096) }).ended).status).toBe('SUCCEEDED');
    expect(() => start({ LONG: 'x'.repeat(4_097) })).toThrow('4096');
    expect(() => start({ CODEBUILD_SRC_DIR: '/' })).toThrow('reserved');
  });

  it('of no project is refused', () => {
    open([]);
    expect(() => codeBuild.start({ projectName: 'other', variables: {} })).toThrow('cannot be found');
  });

  it('that says what the local cloud does not know stops it at the start', () => {
    open([]);
    const make = (spec: object) => () => makeCodeBuild({ stack: stackWith([], spec), authorizer });
    expect(make({ phases: { post_build: { commands: ['true'] } } })).toThrow('post_build');
    expect(make({ artifacts: {} })).toThrow('artifacts');
    expect(make({ version: '0.1' })).toThrow('version');
  });
});
