import { eventually } from '../../../conformance/world.ts';
import type { Probe } from '../probe.ts';

/** Functions that write logs: all but the one that may do nothing. */
const TELLING = ['FrontDoorApi', 'FrontDoorLongPoll', 'BundleIntake', 'Dispatcher', 'Sweeper', 'SandboxFinished'];

/** A line comes with the end of an invocation, which may be the first of an environment. */
const LINE_MS = 5_000;

/** Each function that the probes before it have used counts what it read and wrote, in its log. */
export const LOG_PROBES: readonly Probe[] = TELLING.map((prefix) => ({
  name: `${prefix} writes a log, with its metrics under the stack's name`,
  isAlone: true,
  about: new RegExp(`^${prefix}.*(logs:|LogGroup|TENON_STACK)`),
  check: async ({ cloud, world }) => {
    const { logicalId } = cloud.stack.find('AWS::Lambda::Function', prefix);
    await wake[prefix]?.({ cloud, world });
    await eventually(
      `a line of ${prefix}`,
      () =>
        world.logs.some((line) => line.functionLogicalId === logicalId && isMetric(line.line, cloud.stack.name)) ||
        undefined,
      LINE_MS,
    );
  },
}));

const isMetric = (line: string, stack: string): boolean =>
  line.includes('"_aws"') && line.includes(`"Stack":"${stack}"`) && line.includes('Units"');

/** Makes a function do something. */
const wake: Readonly<Record<string, Probe['check']>> = {
  FrontDoorApi: async ({ world }) => {
    await world.operator.expect(200, 'GET', '/v1/tenants');
  },
  FrontDoorLongPoll: async ({ world }) => {
    const tenant = await world.tenant();
    await tenant.api.call('GET', `${tenant.path}/bundles/none`);
  },
  BundleIntake: async ({ cloud, world }) => {
    const tenant = await world.tenant();
    const functionArn = cloud.stack.find('AWS::Lambda::Function', 'BundleIntake').arn;
    await cloud.functions.invoke({ functionArn, payload: { tenant: tenant.id, bundleId: 'none' } });
  },
  Dispatcher: async ({ cloud, world }) => {
    const tenant = await world.tenant();
    const queueArn = cloud.stack.find('AWS::SQS::Queue', 'WorkQueueA').arn;
    cloud.queues.send({ queueArn, body: JSON.stringify({ tenant: tenant.id, workflow: 'Wait', id: 'none' }) });
  },
  SandboxFinished: async ({ cloud }) => {
    const functionArn = cloud.stack.find('AWS::Lambda::Function', 'SandboxFinished').arn;
    const job = `none/sandbox/${'0'.repeat(64)}`;
    await cloud.functions.invoke({ functionArn, payload: { job, outcome: 'built' } });
  },
  Sweeper: async ({ cloud }) => {
    const functionArn = cloud.stack.find('AWS::Lambda::Function', 'Sweeper').arn;
    await cloud.functions.invoke({ functionArn, payload: {} });
  },
};
