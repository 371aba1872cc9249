import { composeSandboxFinisher } from '../lib/aws.ts';

const finisher = composeSandboxFinisher();

type Ended = Parameters<typeof finisher.finish>[0];

/** A build of a heavy step has ended; the state machine tells it again where this throws. */
export const handler = (ended: Ended): Promise<void> => finisher.finish(ended);
