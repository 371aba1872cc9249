import type { Context } from 'aws-lambda';
import { composeMicroVm, type MicroVmCall } from '../lib/aws.ts';

const microVm = composeMicroVm();

/** In tenant isolation mode: Lambda gives each tenant environments of its own, and the call brings all that it may reach. */
export const handler = (call: MicroVmCall, context: Context) => microVm.run(call, context.getRemainingTimeInMillis());
