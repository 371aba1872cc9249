import type { Inspection } from '../ports/executor.ts';
import type { GuestTermination } from '../ports/turn-messages.ts';

/** What crosses between the supervisor and an executor process. Guest messages stay text: only the ends read them. */
export type ToExecutor =
  | { readonly kind: 'prelude'; readonly code: string }
  | {
      readonly kind: 'start';
      readonly turn: number;
      readonly tenant: string;
      readonly version: string;
      readonly cpuMs: number;
      readonly memoryMb: number;
      readonly hasFreshContext: boolean;
      readonly message: string;
    }
  | {
      readonly kind: 'bundle';
      readonly tenant: string;
      readonly version: string;
      readonly code: string;
      readonly sourceMap: string;
    }
  | { readonly kind: 'bundle_failed'; readonly tenant: string; readonly version: string }
  | { readonly kind: 'send'; readonly turn: number; readonly message: string }
  | { readonly kind: 'end'; readonly turn: number }
  | { readonly kind: 'inspect'; readonly turn: number; readonly code: string; readonly sourceMap: string };

export type FromExecutor =
  | { readonly kind: 'ready' }
  | { readonly kind: 'need_bundle'; readonly tenant: string; readonly version: string }
  | { readonly kind: 'message'; readonly turn: number; readonly message: string }
  | { readonly kind: 'terminated'; readonly turn: number; readonly termination: GuestTermination }
  /** All that is left of a turn, with its last word or right after it. */
  | { readonly kind: 'ended'; readonly turn: number; readonly cpuMs: number }
  /** It has kept a core busy. `isLong`: for so long that others should not wait beside it. */
  | { readonly kind: 'heavy'; readonly turn: number; readonly isLong: boolean }
  | { readonly kind: 'inspected'; readonly turn: number; readonly inspection: Inspection }
  /** A catastrophic out-of-memory: the process must be replaced. */
  | { readonly kind: 'broken'; readonly turn: number | undefined }
  | { readonly kind: 'heartbeat' };

/** A guest's message may hold one value of 1 MiB in encoded form and what belongs to it. */
export const MAX_MESSAGE_CHARS = 16_777_216;
