/** What the host and the process of an execution environment say to each other, over Node's own channel. */
export type ToRuntime = {
  readonly kind: 'invoke';
  readonly requestId: string;
  readonly functionArn: string;
  /** Milliseconds since the epoch: the function's time is up. */
  readonly deadlineAt: number;
  /** JSON text: parsed by the runtime, as Lambda's does. */
  readonly event: string;
  readonly tenantId?: string;
};

export type FromRuntime =
  /** The handler is imported. */
  | { readonly kind: 'ready' }
  /** `result`: JSON text. */
  | { readonly kind: 'answered'; readonly result: string }
  /** The handler threw; the process lives on. */
  | { readonly kind: 'failed'; readonly error: FunctionError }
  /** Nothing goes on after this: the handler could not be imported, or an error belongs to no promise that is awaited. */
  | { readonly kind: 'crashed'; readonly error: FunctionError };

/** How a failure is told to whoever invoked. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}
