import { afterAll, beforeAll } from 'vitest';
import { compile } from '../../lib/bundle/compile.ts';
import { buildPrelude } from '../../lib/bundle/guest-prelude.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { Supervisor, type SupervisorOptions } from '../../lib/executor/supervisor.ts';
import type { ExecutableBundle, Guest } from '../../lib/ports/executor.ts';
import type { FetchStart, GuestMessage, GuestTermination, HostCall, TurnStart } from '../../lib/ports/turn-messages.ts';

/** Small, so that a hostile turn is soon stopped. */
export const LIMITS = { cpuMs: 300, memoryMb: 32 };

export type Ending =
  | { readonly kind: 'message'; readonly message: GuestMessage }
  | { readonly kind: 'terminated'; readonly termination: GuestTermination };

export interface TurnOptions {
  readonly tenant?: string;
  readonly version?: string;
  readonly workflow?: string;
  readonly isStrict?: boolean;
  readonly limits?: { readonly cpuMs: number; readonly memoryMb: number };
  readonly start?: Partial<TurnStart>;
  /** What a host call is answered with, encoded; nothing by default. */
  readonly onCall?: (call: HostCall, guest: Guest) => void;
  readonly onLoad?: () => void;
}

const source = (text: string): Parameters<typeof compile>[0] => ({
  contentType: 'text/typescript',
  bytes: new TextEncoder().encode(text),
});

const compiled = new Map<string, Promise<ExecutableBundle>>();

export const bundleOf = (text: string): Promise<ExecutableBundle> => {
  const known = compiled.get(text) ?? compileUpload(source(text));
  compiled.set(text, known);
  return known;
};

export const compileUpload = async (upload: Parameters<typeof compile>[0]): Promise<ExecutableBundle> => {
  const compilation = await compile(upload);
  if (!compilation.ok) throw new Error(compilation.problems.map(({ message }) => message).join('\n'));
  return compilation.bundle;
};

/** A workflow `W` whose `run` is this body; `before` stands above the class. */
export const workflow = (body: string, before = ''): string => `
import { WorkflowEntrypoint } from 'cloudflare:workers';
${before}
export class W extends WorkflowEntrypoint { async run(event: any, step: any) { ${body} } }
`;

const START: TurnStart = {
  kind: 'start_turn',
  instanceId: 'i',
  workflowName: 'W',
  seed: 'seed',
  tokenPrefix: 'prefix',
  payload: null,
  timestamp: 1_000,
  env: { variables: {}, bindings: [] },
  records: [],
  hasMore: false,
  position: 0,
  isPaused: false,
  isStrict: false,
  isCautious: false,
  limits: { steps: 100, records: 400 },
};

let versions = 0;

/** A supervisor with real processes for one file of tests, and turns on it. */
export const useExecutor = (options: Omit<SupervisorOptions, 'prelude'> = {}) => {
  let supervisor: Supervisor | undefined;
  beforeAll(async () => {
    supervisor = new Supervisor({ prelude: await buildPrelude(), ...options });
  });
  afterAll(async () => {
    await supervisor?.close();
  });
  const executor = (): Supervisor => {
    if (supervisor === undefined) throw new Error('The executor has not been started');
    return supervisor;
  };

  /** Runs one turn of a bundle until it is blocked, finished or terminated. */
  const turn = async (bundle: ExecutableBundle, more: TurnOptions = {}): Promise<Ending> => {
    versions += 1;
    const begun = begin(bundle, { version: `v${versions}`, ...more });
    return begun.ending;
  };

  const begin = (
    bundle: ExecutableBundle,
    more: TurnOptions,
  ): { readonly guest: Guest; readonly ending: Promise<Ending> } => {
    const { promise, resolve } = Promise.withResolvers<Ending>();
    const records: JournalRecord[] = [];
    const guest: Guest = executor().start(
      {
        tenant: more.tenant ?? 'acme',
        version: more.version ?? 'v',
        loadBundle: async () => {
          more.onLoad?.();
          return bundle;
        },
        limits: more.limits ?? LIMITS,
        hasFreshContext: more.isStrict ?? false,
      },
      { ...START, workflowName: more.workflow ?? 'W', isStrict: more.isStrict ?? false, ...more.start },
      {
        onMessage: (message) => {
          if (message.kind === 'logs') return;
          if ('records' in message) records.push(...message.records);
          if (message.kind === 'commit') guest.send({ kind: 'committed' });
          else if (message.kind === 'call') more.onCall?.(message, guest);
          else if (message.kind !== 'records') {
            if (message.kind === 'blocked') guest.end();
            resolve({ kind: 'message', message: 'records' in message ? { ...message, records } : message });
          }
        },
        onTerminated: (termination) => resolve({ kind: 'terminated', termination }),
      },
    );
    return { guest, ending: promise };
  };

  const fetch = (
    bundle: ExecutableBundle,
    request: Partial<FetchStart['request']> = {},
    version = 'f',
  ): Promise<Ending> => {
    const { promise, resolve } = Promise.withResolvers<Ending>();
    executor().start(
      { tenant: 'acme', version, loadBundle: async () => bundle, limits: LIMITS, hasFreshContext: false },
      {
        kind: 'start_fetch',
        env: { variables: {}, bindings: [] },
        request: { method: 'GET', url: 'http://localhost/', headers: [], ...request },
      },
      {
        onMessage: (message) => resolve({ kind: 'message', message }),
        onTerminated: (termination) => resolve({ kind: 'terminated', termination }),
      },
    );
    return promise;
  };

  /** The output of a workflow that comes to its end in one turn, still encoded. */
  const outputOf = async (text: string, more: TurnOptions = {}): Promise<string> =>
    outputIn(await turn(await bundleOf(text), more));

  return { executor, turn, begin, fetch, outputOf };
};

export const outputIn = (ending: Ending): string => {
  const last = ending.kind === 'message' && 'records' in ending.message ? ending.message.records.at(-1) : undefined;
  if (last?.kind !== 'completed') throw new Error(`It did not complete: ${JSON.stringify(ending)}`);
  return last.output as string;
};

export const errorIn = (
  ending: Ending,
): { readonly name: string; readonly message: string; readonly stack?: string } => {
  const last = ending.kind === 'message' && 'records' in ending.message ? ending.message.records.at(-1) : undefined;
  if (last?.kind !== 'errored') throw new Error(`It did not fail: ${JSON.stringify(ending)}`);
  return last.error;
};
