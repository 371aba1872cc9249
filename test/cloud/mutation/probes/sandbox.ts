import assert from 'node:assert/strict';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { makeStatesClient } from '../../../../lib/adapters/aws/aws-clients.ts';
import { eventually } from '../../../conformance/world.ts';
import { storesOf } from '../deployment.ts';
import type { Probe } from '../probe.ts';
import { randomText } from '../random-text.ts';

const builds = (isolation: 'isolate' | 'microvm'): Probe => ({
  name: `a heavy step gives what its command said, and its workspace to the next one, at level ${isolation}`,
  about: isolation === 'isolate' ? /^Sandbox/ : /never/,
  check: async ({ world }) => {
    const tenant = await world.tenant(isolation);
    // Params that do not fit into the summary row: whoever completes a step reads them with it.
    const instance = await tenant.create({ text: randomText(2_000) }, { workflow: 'Build' });
    assert.deepEqual(await instance.completed(), [
      { exitCode: 0, stdout: 'written\n', stderr: '' },
      { exitCode: 7, stdout: 'kept\n', stderr: '' },
    ]);
  },
});

/** What only the operator does by hand; a build that ran on would cost its whole time. */
const stopped: Probe = {
  name: 'an execution that the operator stops stops its build, and its step is tried again or fails by its time',
  about: /StopBuild/,
  check: async ({ world, cloud }) => {
    const tenant = await world.tenant();
    await tenant.create(undefined, { workflow: 'LongBuild' });
    const { objectsBelow } = storesOf(cloud);
    const job = await eventually('a job of the sandbox', async () => (await objectsBelow(`${tenant.id}/sandbox/`))[0]);
    const name = job.split('/')[2] ?? '';
    const { stack, gateway, administrator: credentials } = cloud;
    const machine = stack.find('AWS::StepFunctions::StateMachine').arn;
    const states = makeStatesClient({ region: stack.region, endpoint: gateway.endpoint, credentials });
    const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
    // The command is at work when it says so.
    await tenant.noting('building');
    await states.send(new StopExecutionCommand({ executionArn }));
    await eventually(
      'a stopped build',
      () => cloud.builds.results.some(({ status }) => status === 'STOPPED') || undefined,
    );
    states.destroy();
  },
};

export const SANDBOX_PROBES: readonly Probe[] = [builds('isolate'), builds('microvm'), stopped];
