import type { JournalRecord, LogLine, StepKey, StoredValue, Termination } from '../core/records.ts';
import type { TurnPolicy } from '../core/replay/policies.ts';

/**
 * Everything that crosses between the dispatcher and a guest: a closed union of JSON messages in each direction.
 * Values are in encoded form. Whoever reads a message from the guest checks it: the guest is not trusted.
 */

/** A capability in `env`, declared by name; its methods are called through the gate. */
export interface BindingDeclaration {
  readonly name: string;
  /** `workflows`, `fetch`, ... : which proxy the guest makes. */
  readonly type: string;
  readonly methods: readonly string[];
  /** Plain JSON that the guest's proxy may read, such as the workflow's name. */
  readonly props?: Readonly<Record<string, unknown>>;
}

export interface GuestEnv {
  readonly variables: Readonly<Record<string, string>>;
  readonly bindings: readonly BindingDeclaration[];
}

/** A record as the guest gets it: a value above 4 KiB is left out and asked for by its position when it is needed. */
export interface GuestRecord {
  readonly position: number;
  readonly record: JournalRecord;
  /** The record's value stays outside until `need_value`. */
  readonly isValueApart?: boolean;
}

export interface TurnStart {
  readonly kind: 'start_turn';
  readonly instanceId: string;
  readonly workflowName: string;
  /** Seeds the deterministic random stream. */
  readonly seed: string;
  /** What the tokens of deferred results start with: it says where a completion goes, and permits nothing. */
  readonly tokenPrefix: string;
  /** Encoded payload; `null`: created without params, seen as `{}`. */
  readonly payload: string | null;
  /** Epoch ms: the instance's creation. */
  readonly timestamp: number;
  readonly schedule?: { readonly cron: string; readonly scheduledAt: number };
  readonly env: GuestEnv;
  readonly records: readonly GuestRecord[];
  /** More records follow when the guest says `need_segment`. */
  readonly hasMore: boolean;
  /** How many positions the journal has in all; the guest's own records are numbered from here. */
  readonly position: number;
  readonly isPaused: boolean;
  readonly isStrict: boolean;
  /** The turn before it came to rest where this journal ends: what `run()` says up to there has been said. */
  readonly isResumed?: true;
  /** After an unclean turn each attempt's start is committed before its callback runs. */
  readonly isCautious: boolean;
  /** `callbackMs`: how long a callback may be at work; a longer timeout is refused, but for a minute. @default no bound */
  readonly limits: {
    readonly steps: number;
    readonly records: number;
    readonly callbackMs?: number;
    /** Bytes that the instance may store. @default `MAX_INSTANCE_STORAGE_BYTES` */
    readonly storedBytes?: number;
  };
  /** The operator's, as they hold for this turn, by name. @default none */
  readonly policies?: readonly TurnPolicy[];
  /** No callback is started that may be at work longer than until then, epoch ms. @default the turn may last for ever */
  readonly endsAt?: number;
  /** The journal is replayed and nothing else: the guest stops where something new would happen, and says `rehearsed`. */
  readonly isRehearsal?: true;
}

export interface FetchStart {
  readonly kind: 'start_fetch';
  readonly env: GuestEnv;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: readonly (readonly [string, string])[];
    /** Base64; absent: no body. */
    readonly body?: string;
  };
}

export type HostMessage =
  | TurnStart
  | FetchStart
  | { readonly kind: 'segment'; readonly records: readonly GuestRecord[]; readonly hasMore: boolean }
  | { readonly kind: 'value'; readonly position: number; readonly value: string }
  | { readonly kind: 'answer'; readonly callId: number; readonly ok: true; readonly value: string }
  | {
      readonly kind: 'answer';
      readonly callId: number;
      readonly ok: false;
      readonly error: { readonly name: string; readonly message: string; readonly code?: string };
    }
  /** Records that the dispatcher appended beside the guest, large payloads left out: events received, pause asked for. */
  | {
      readonly kind: 'inbox';
      readonly records: readonly GuestRecord[];
      /** In answer to `need_inbox`: nothing has been left out that was accepted before it was asked. */
      readonly isAnswer?: true;
    }
  /** In answer to `commit`: the records sent so far are durable. */
  | { readonly kind: 'committed' };

export interface HostCall {
  readonly kind: 'call';
  readonly callId: number;
  /** The attempt that made it; absent: `run()` itself, or `default.fetch`. */
  readonly attempt?: { readonly ordinal: number; readonly attempt: number };
  readonly binding: string;
  readonly method: string;
  /** Encoded array of arguments. */
  readonly args: string;
  /** Everything gathered so far; durable before the call leaves. */
  readonly records: readonly JournalRecord[];
}

/** A part of the stream that an attempt gives, at most `STREAM_PART_BYTES`; the next one is sent when this is answered. */
export interface StreamPart {
  readonly kind: 'write_stream';
  readonly callId: number;
  readonly step: StepKey;
  readonly attempt: number;
  /** How many bytes went before. */
  readonly offset: number;
  /** As `stream-parts.ts` makes text of bytes. */
  readonly bytes: string;
  /** The stream has ended: `answer` holds its place, which the settlement has to name. */
  readonly isLast: boolean;
  readonly records: readonly JournalRecord[];
}

/** Asks for a part of a stream that a step has given, from that byte on; `answer` holds it as text. */
export interface StreamRead {
  readonly kind: 'read_stream';
  readonly callId: number;
  readonly step: StepKey;
  readonly from: number;
  readonly records: readonly JournalRecord[];
}

/** A place in the tenant's source; line and column from 1, as stacks have them. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a replay without effects has come to. */
export interface Rehearsed {
  readonly kind: 'rehearsed';
  /**
   * `caught_up`: at the end of the journal; `effect`: `run()` calls the outside outside of a step; `returned`, `threw`: the end
   * of `run()`.
   */
  readonly stop: 'caught_up' | 'effect' | 'returned' | 'threw';
  /** Recorded settlements that `run()` got. */
  readonly delivered: number;
  readonly divergences: readonly RehearsedDivergence[];
  /** The step that would go on, or what would be called. */
  readonly next?: string;
  readonly place?: SourcePlace;
  /** What `run()` threw. */
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
}

export interface RehearsedDivergence {
  /** The recorded step's name. */
  readonly step: string;
  readonly expected: string;
  readonly got: string;
  /** Where the code calls what it calls instead. */
  readonly place?: SourcePlace;
}

export type GuestMessage =
  | { readonly kind: 'records'; readonly records: readonly JournalRecord[] }
  /** Like `records`, and the guest waits for `committed`. */
  | { readonly kind: 'commit'; readonly records: readonly JournalRecord[] }
  | HostCall
  | StreamPart
  | StreamRead
  /** What tenant code has said; `dropped`: lines beyond what a turn may say. */
  | { readonly kind: 'logs'; readonly lines: readonly LogLine[]; readonly dropped: number }
  | { readonly kind: 'need_segment' }
  /** A wait is over: the guest has to know first whether an event came before that. */
  | { readonly kind: 'need_inbox' }
  | { readonly kind: 'need_value'; readonly position: number }
  /** Nothing can go on by itself before `wakeAt` (absent: before something comes from outside). */
  | {
      readonly kind: 'blocked';
      readonly records: readonly JournalRecord[];
      readonly wakeAt?: number;
      /** The guest has set its alarm for `wakeAt`: the turn may be kept until then. */
      readonly isHolding: boolean;
      /** The last inbox number that the guest knew of: where more is on its way to it, it is not blocked any more. */
      readonly takenSeq: number;
    }
  /**
   * Nothing is under way, and what is to be started next may last beyond `endsAt`, or needs a replay: another turn goes on.
   */
  | { readonly kind: 'yield'; readonly records: readonly JournalRecord[] }
  | Rehearsed
  /** `run()` has ended; the last record says how. */
  | { readonly kind: 'finished'; readonly records: readonly JournalRecord[] }
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly headers: readonly (readonly [string, string])[];
      readonly body?: string;
    }
  | {
      readonly kind: 'fetch_failed';
      readonly error: { readonly name: string; readonly message: string; readonly stack?: string };
    };

/** What became of a guest that did not answer. `isGuilty`: it was this one's doing, not a neighbour's. */
export interface GuestTermination {
  readonly cause: Termination;
  readonly isGuilty: boolean;
  /** For the tenant: which limit, and how much. */
  readonly message: string;
}

/** Value text that an encoded record refers to, where it is inline. */
export const inlineValue = (value: StoredValue): string | undefined => (typeof value === 'string' ? value : undefined);
