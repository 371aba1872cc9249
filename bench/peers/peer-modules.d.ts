// The peers' packages are installed on demand outside the project, so their types are not here. These say only what the
// programs beside this file use.

declare module '@cloudflare/dynamic-workflows' {
  export const DynamicWorkflowBinding: unknown;
  export function wrapWorkflowBinding(metadata: { tenant: string }): unknown;
  export function createDynamicWorkflowEntrypoint<Env>(
    load: (context: { env: Env; metadata: { tenant: string } }) => Promise<unknown>,
  ): unknown;
}

declare module 'miniflare' {
  export class Miniflare {
    constructor(options: Readonly<Record<string, unknown>>);
    readonly ready: Promise<URL>;
    dispose(): Promise<void>;
  }
}

declare module '@restatedev/restate-sdk' {
  import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
  export type Context = { run<Value>(name: string, action: () => Promise<Value>): Promise<Value> };
  type Endpoint = {
    bind(service: unknown): Endpoint;
    http2Handler(): (request: Http2ServerRequest, response: Http2ServerResponse) => void;
  };
  export function endpoint(): Endpoint;
  export function service<Input>(definition: {
    name: string;
    handlers: Record<string, (context: Context, input: Input) => Promise<unknown>>;
  }): unknown;
}

declare module '@dbos-inc/dbos-sdk' {
  export const DBOS: {
    setConfig(config: Readonly<Record<string, unknown>>): void;
    registerWorkflow<Input, Output>(
      workflow: (input: Input) => Promise<Output>,
      options: { name: string },
    ): (input: Input) => Promise<Output>;
    runStep<Value>(action: () => Promise<Value>, options: { name: string }): Promise<Value>;
    launch(): Promise<void>;
    startWorkflow<Input, Output>(
      workflow: (input: Input) => Promise<Output>,
    ): (input: Input) => Promise<{ getResult(): Promise<Output> }>;
  };
}
