import { HOUR_MS } from '../core/limits.ts';
import { type Sandbox, type SandboxCommand, SandboxRefusal, type SandboxWork } from '../ports/sandbox.ts';
import { BindingError } from './binding-error.ts';
import { type BindingDefinition, type BindingMethod, defineBinding } from './define-binding.ts';
import { readCommand, readExecOptions, readToken } from './sandbox-arguments.ts';
import { type AskedSnapshot, readSnapshotTask } from './snapshot-arguments.ts';

export interface SandboxBindingOptions {
  /** Absent: the operator did not switch sandboxes on. */
  readonly sandbox?: Sandbox;
  /** Names snapshots that tenants do not name. */
  readonly randomness: { id(): string };
  /** @default 1 hour */
  readonly maxTimeoutMs?: number;
  /** Whether `image` may be named. @default false */
  readonly hasImages?: boolean;
}

/**
 * `env.SANDBOX`. Each method hands something over to be done for the deferred result of the token that the guest's proxy adds as
 * the last argument; its end settles that. A command that fails by itself is a result.
 */
export const sandboxBinding = (platform: SandboxBindingOptions): BindingDefinition =>
  defineBinding({
    name: 'SANDBOX',
    type: 'sandbox',
    methods: ['exec', 'snapshot', 'restore', 'deleteSnapshot', 'listSnapshots'],
    create: ({ tenant }) => {
      const starting =
        (read: (args: readonly unknown[]) => SandboxWork): BindingMethod =>
        async (args) => {
          if (platform.sandbox === undefined) throw new BindingError(SWITCHED_OFF);
          const work = read(args);
          try {
            await platform.sandbox.start(work);
          } catch (error) {
            if (error instanceof SandboxRefusal) throw new BindingError(error.message);
            throw error;
          }
        };
      const task = (asked: AskedSnapshot): SandboxWork =>
        readSnapshotTask(tenant.id, asked, () => platform.randomness.id());
      return {
        exec: starting(([command, options, token]) =>
          readSandboxCommand(tenant.id, { command, options, token }, platform),
        ),
        snapshot: starting(([workspace, options, token]) => task({ kind: 'take', workspace, options, token })),
        restore: starting(([snapshot, options, token]) => task({ kind: 'restore', snapshot, options, token })),
        deleteSnapshot: starting(([snapshot, token]) => task({ kind: 'remove', snapshot, token })),
        listSnapshots: starting(([token]) => task({ kind: 'list', token })),
      };
    },
  });

const readSandboxCommand = (
  tenant: string,
  asked: { readonly command?: unknown; readonly options?: unknown; readonly token?: unknown },
  { maxTimeoutMs = HOUR_MS, hasImages = false }: Pick<SandboxBindingOptions, 'maxTimeoutMs' | 'hasImages'>,
): SandboxCommand => ({
  kind: 'command',
  tenant,
  token: readToken(asked.token),
  command: readCommand(asked.command),
  ...readExecOptions(asked.options, { maxTimeoutMs, hasImages }),
});

/**
 * What a machine of a tenant's own asks for, which that tenant may have taken over.
 * @throws BindingError what is wrong with it
 */
export const readAskedWork = (tenant: string, asked: unknown): SandboxWork => {
  const { kind, ...work } = Object(asked) as { readonly kind?: unknown; readonly command?: unknown };
  if (!isSnapshotKind(kind)) return readSandboxCommand(tenant, work, {});
  return readSnapshotTask(tenant, { ...work, kind }, () => {
    throw new BindingError('A snapshot that is asked for from there has a name');
  });
};

const SNAPSHOT_KINDS: readonly unknown[] = ['take', 'restore', 'remove', 'list'] satisfies AskedSnapshot['kind'][];

const isSnapshotKind = (kind: unknown): kind is AskedSnapshot['kind'] => SNAPSHOT_KINDS.includes(kind);

const SWITCHED_OFF =
  'env.SANDBOX is switched off on this platform: its operator has to allow sandboxed commands (on one machine: start with --sandbox).';
