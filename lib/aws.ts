/**
 * The composition root on AWS: one `compose` for each Lambda. Each makes what its function stands on once, when the
 * environment starts, and gives what `functions/` calls for each event.
 */
export { requestOf, resultOf } from './adapters/aws/http-api-event.ts';
export type { MicroVmCall } from './adapters/aws/micro-vm-call.ts';
export { composeDispatcher } from './aws/dispatcher.ts';
export { composeHttp } from './aws/http.ts';
export { composeMicroVm } from './aws/micro-vm.ts';
export type { GuestOptions } from './aws/parts.ts';
export { composeSandboxFinisher } from './aws/sandbox-finished.ts';
export { composeSweeper } from './aws/sweeper.ts';
export { composeValidator } from './aws/validator.ts';
