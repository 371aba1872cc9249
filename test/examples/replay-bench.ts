import { stringify } from 'devalue';
import { EsbuildCompiler } from '../../lib/bundle/esbuild-compiler.ts';
import { buildPrelude } from '../../lib/bundle/guest-prelude.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { Supervisor } from '../../lib/executor/supervisor.ts';
import type { ExecutableBundle, Inspection } from '../../lib/ports/executor.ts';
import type { GuestMessage } from '../../lib/ports/turn-messages.ts';
import { GOLDEN_EPOCH, GOLDEN_ID } from './golden-journal.ts';

export interface ReplayedTurn {
  /** All that the guest said, the context's state apart. */
  readonly messages: readonly GuestMessage[];
  /** All records that it proposed, in order. */
  readonly records: readonly JournalRecord[];
}

/** Turns over recorded journals, in the real compiler and executor, with nobody behind them: no store and no bindings. */
export class ReplayBench {
  readonly #compiler = new EsbuildCompiler();
  #supervisor: Supervisor | undefined;

  async start(): Promise<void> {
    this.#supervisor = new Supervisor({ prelude: await buildPrelude() });
  }

  async compile(source: string): Promise<ExecutableBundle> {
    const compilation = await this.#compiler.compile({
      contentType: 'text/typescript',
      bytes: new TextEncoder().encode(source),
    });
    if (!compilation.ok) throw new Error(JSON.stringify(compilation.problems));
    return compilation.bundle;
  }

  inspect(bundle: ExecutableBundle): Promise<Inspection> {
    return this.#running.inspect(bundle, 'test');
  }

  /** Until the guest has finished, is blocked or calls out. */
  replay(params: {
    readonly bundle: ExecutableBundle;
    /** Names the code: each needs one of its own. */
    readonly version: string;
    readonly workflow: string;
    readonly input: unknown;
    readonly records: readonly JournalRecord[];
    readonly isStrict: boolean;
  }): Promise<ReplayedTurn> {
    const { bundle, version, workflow, input, records, isStrict } = params;
    const messages: GuestMessage[] = [];
    return new Promise((resolve, reject) => {
      const end = (): void => {
        guest.end();
        const proposed = messages.flatMap((message) => ('records' in message ? message.records : []));
        resolve({ messages, records: proposed });
      };
      const guest = this.#running.start(
        {
          tenant: 'golden',
          version,
          loadBundle: async () => bundle,
          limits: { cpuMs: 10_000, memoryMb: 128 },
          hasFreshContext: isStrict,
        },
        {
          kind: 'start_turn',
          instanceId: GOLDEN_ID,
          workflowName: workflow,
          seed: GOLDEN_ID,
          tokenPrefix: 'golden',
          payload: stringify(input),
          timestamp: GOLDEN_EPOCH,
          env: { variables: {}, bindings: [] },
          records: records.map((record, position) => ({ position, record })),
          hasMore: false,
          position: records.length,
          isPaused: false,
          isStrict,
          isCautious: false,
          limits: { steps: 10_000, records: 40_000 },
        },
        {
          onMessage: (message) => {
            // What is said has no part in what comes of it.
            if (message.kind === 'logs') return;
            messages.push(message);
            if (message.kind !== 'records') end();
          },
          onTerminated: (termination) => reject(new Error(`${termination.cause}: ${termination.message}`)),
        },
      );
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#compiler.close(), this.#supervisor?.close()]);
  }

  get #running(): Supervisor {
    if (this.#supervisor === undefined) throw new Error('start() comes first');
    return this.#supervisor;
  }
}
