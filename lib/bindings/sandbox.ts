import { HOUR_MS } from '../core/limits.ts';
import { type Sandbox, type SandboxCommand, SandboxRefusal } from '../ports/sandbox.ts';
import { BindingError } from './binding-error.ts';
import { type BindingDefinition, defineBinding } from './define-binding.ts';
import { readCommand, readExecOptions, readToken } from './sandbox-arguments.ts';

export interface SandboxBindingOptions {
  /** Absent: the operator did not switch sandboxes on. */
  readonly sandbox?: Sandbox;
  /** @default 1 hour */
  readonly maxTimeoutMs?: number;
  /** Whether `image` may be named. @default false */
  readonly hasImages?: boolean;
}

/**
 * `env.SANDBOX`. `exec(command, options, token)` starts a command for the deferred result of that token, which the guest's
 * proxy adds; its end settles that. A command that fails by itself is a result.
 */
export const sandboxBinding = ({
  sandbox,
  maxTimeoutMs = HOUR_MS,
  hasImages = false,
}: SandboxBindingOptions): BindingDefinition =>
  defineBinding({
    name: 'SANDBOX',
    type: 'sandbox',
    methods: ['exec'],
    create: ({ tenant }) => ({
      exec: async ([command, options, token]) => {
        if (sandbox === undefined) throw new BindingError(SWITCHED_OFF);
        const request = readSandboxCommand(tenant.id, { command, options, token }, { maxTimeoutMs, hasImages });
        try {
          await sandbox.start(request);
        } catch (error) {
          if (error instanceof SandboxRefusal) throw new BindingError(error.message);
          throw error;
        }
      },
    }),
  });

/**
 * A command as a tenant's code, or a machine that it may have taken over, says it.
 * @throws BindingError what is wrong with it
 */
export const readSandboxCommand = (
  tenant: string,
  asked: { readonly command?: unknown; readonly options?: unknown; readonly token?: unknown },
  platform: { readonly maxTimeoutMs: number; readonly hasImages: boolean } = {
    maxTimeoutMs: HOUR_MS,
    hasImages: false,
  },
): SandboxCommand => ({
  tenant,
  token: readToken(asked.token),
  command: readCommand(asked.command),
  ...readExecOptions(asked.options, platform),
});

const SWITCHED_OFF =
  'env.SANDBOX is switched off on this platform: its operator has to allow sandboxed commands (on one machine: start with --sandbox).';
