/**
 * The numbers of the tenant-facing contract. Bytes are bytes of UTF-8 JSON text, times are milliseconds.
 * Source: the limits table in `docs/semantics.md`.
 */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Params, event payloads and step results: one byte more is refused. */
export const MAX_VALUE_BYTES = 1_048_576;
/** Any request or response body of the HTTP API. */
export const MAX_BODY_BYTES = 5_000_000;
export const MAX_BUNDLE_BYTES = 10_000_000;
/** So that `"1 year"` (365.25 days) fits. */
export const MAX_WAIT_MS = 366 * DAY_MS;
export const MAX_BATCH = 100;
export const MAX_BUFFERED_EVENTS = 10_000;
export const MAX_INSTANCE_STORAGE_BYTES = 1_073_741_824;
/** From here on the summary row tells how much it is: what comes in then is held against it. */
export const STORAGE_TOLD_BYTES = 16_777_216;

export const DEFAULT_STEP_LIMIT = 10_000;
export const MAX_STEP_LIMIT = 25_000;
/** Records of all kinds in a journal, as a multiple of the step limit: bounds sleeps, waits and retries too. */
export const RECORDS_PER_STEP_LIMIT = 4;

export const DEFAULT_RETRY_LIMIT = 5;
export const DEFAULT_RETRY_DELAY_MS = SECOND_MS;
export const MAX_BACKOFF_MS = 24 * HOUR_MS;
/** How long a function that is a `delay` may take to answer. */
export const DELAY_ANSWER_MS = 5 * SECOND_MS;
export const DEFAULT_ATTEMPT_TIMEOUT_MS = 10 * MINUTE_MS;
export const DEFAULT_EVENT_TIMEOUT_MS = 24 * HOUR_MS;

export const DEFAULT_SANDBOX_TIMEOUT_MS = 10 * MINUTE_MS;
/**
 * What a sandboxed command may take beside its own time: half an hour in the queue for a machine (`lib/infra/sandbox.ts`), and
 * as much again for starts that were throttled, the workspace's way in and out, and telling. With a command of an hour it is
 * as long as the links that the result travels by.
 */
export const SANDBOX_WAIT_MS = HOUR_MS;

/** Of a tenant, so that what it keeps of its workspaces is bounded; it removes those that it needs no more. */
export const MAX_SNAPSHOTS = 100;
export const MAX_SNAPSHOTS_BYTES = 10_737_418_240;

export const DEFAULT_CPU_MS = 30 * SECOND_MS;
export const MAX_CPU_MS = 5 * MINUTE_MS;
export const DEFAULT_MEMORY_MB = 128;
export const DEFAULT_CREATES_PER_SECOND = 300;
export const DEFAULT_SUBREQUESTS = 1_000;
/** Of all objects in `BUCKET`, MiB. */
export const DEFAULT_STORAGE_MB = 10_240;
/** Turns at the same time are counted up to here; a higher limit is none. Whoever counts reads a row for each. */
export const MAX_COUNTED_TURNS = 1_000;
export const DEFAULT_RETENTION_MS = 30 * DAY_MS;
export const AUDIT_RETENTION_MS = 90 * DAY_MS;
/** What `default.fetch` says: how long it is kept, how much of one request, and of how many requests on one machine. */
export const REQUEST_LOG_RETENTION_MS = 7 * DAY_MS;
export const MAX_REQUEST_LOG_CHARS = 65_536;
export const MAX_REQUEST_LOG_ENTRIES = 10_000;
/** A key that another one takes the place of goes on for so long, unless the caller says otherwise. */
export const DEFAULT_KEY_GRACE_MS = HOUR_MS;
export const MAX_KEY_GRACE_MS = 30 * DAY_MS;

/** Of the error that a deferred result is completed with: as much as is recorded of any error. Characters. */
export const MAX_ERROR_NAME_CHARS = 256;
export const MAX_ERROR_MESSAGE_CHARS = 16_384;

/** Of `console`: a line, a turn, and what an instance keeps; more is dropped, and one line says how many. Characters. */
export const MAX_LOG_LINE_CHARS = 16_384;
export const MAX_TURN_LOG_LINES = 1_000;
export const MAX_TURN_LOG_CHARS = 262_144;
export const MAX_LOG_CHARS = 1_048_576;

/** A turn is lost when its lease runs out; renewed three times within it while a callback runs. */
export const LEASE_MS = 30 * SECOND_MS;
export const LEASE_RENEWAL_MS = 10 * SECOND_MS;
/** Turns in a row that did not end cleanly before the instance is ended as `errored`. */
export const MAX_UNCLEAN_TURNS = 3;
/** An inbox number whose item never came is closed by a tombstone after this. */
export const INBOX_GAP_MS = 10 * SECOND_MS;
/** A wait that ends within this stays in the turn: cheaper than a release, a wake-up and a replay. */
export const HOLD_MS = SECOND_MS;

/** Output commit: pure settlements are appended together at whichever of these comes first. */
export const COMMIT_RECORDS = 64;
export const COMMIT_BYTES = 32_768;
export const COMMIT_AFTER_MS = 20;

/**
 * The tenant-facing API that versions are made for, recorded with each. It goes up with a change that code of before would
 * notice, and the service goes on running versions of every level there was.
 */
export const API_LEVEL = 1;

/** Each turn goes through all of them. */
export const MAX_POLICIES = 100;
