import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eventually } from '../../../conformance/world.ts';
import type { LocalCloud } from '../../local-cloud.ts';
import type { Probe } from '../probe.ts';

const queuesOf = (cloud: LocalCloud) => ({
  work: cloud.queues.ofArn(cloud.stack.find('AWS::SQS::Queue', 'WorkQueueA').arn),
  deadLetters: cloud.queues.ofArn(cloud.stack.find('AWS::SQS::Queue', 'WorkQueueDeadLetters').arn),
});

/** No tenant has such a name, and no row such a key: the table refuses, and the dispatcher can only give the message back. */
const impossible = JSON.stringify({ tenant: 'x'.repeat(3_000), workflow: 'Wait', id: 'i' });

export const QUEUE_PROBES: readonly Probe[] = [
  {
    name: 'a message that failed stays in the queue, and one that was taken too often is put aside',
    isAlone: true,
    about: /RedrivePolicy|FunctionResponseTypes/,
    check: async ({ cloud, world }) => {
      const { work, deadLetters } = queuesOf(cloud);
      const message = { id: randomUUID(), body: impossible, groupId: 'p', sentAt: Date.now(), visibleAt: Date.now() };
      work.queue.add({ ...message, receiveCount: 10 });
      await eventually('it is put aside', () => (deadLetters.queue.counts().visible === 1 ? true : undefined));

      const dispatcher = cloud.stack.find('AWS::Lambda::Function', 'Dispatcher').logicalId;
      const isAtRest = (): boolean => cloud.functions.environmentsOf(dispatcher).every(({ isBusy }) => !isBusy);
      work.queue.add({ ...message, receiveCount: 0 });
      await eventually(
        'the dispatcher has had it',
        () => (world.logs.some(({ line }) => line.includes('Size of hashkey')) && isAtRest()) || undefined,
      );
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(work.queue.bodies().includes(impossible), 'the message is gone');
    },
  },
];
