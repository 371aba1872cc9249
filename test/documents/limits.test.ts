import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CALLBACK_MS } from '../../lib/aws/turn-limits.ts';
import { MAX_KEY_BYTES, MAX_STORED_BYTES } from '../../lib/bindings/arguments.ts';
import { MAX_OBJECT_BYTES } from '../../lib/bindings/bucket.ts';
import { MAX_FETCH_BODY_BYTES } from '../../lib/bindings/fetch/fetch-gateway.ts';
import { MAX_REDIRECTS } from '../../lib/bindings/fetch/redirect.ts';
import * as limits from '../../lib/core/limits.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/core/limits.ts';
import { MAX_INSTANCE_ID_LENGTH, MAX_STEP_NAME_LENGTH } from '../../lib/core/names.ts';
import { MAX_DELIVERIES } from '../../lib/core/replay/queue-rules.ts';
import { MAX_STREAM_CHUNK_BYTES } from '../../lib/core/replay/streams.ts';
import { MAX_JSON_DEPTH } from '../../lib/http/json-safety.ts';
import { DEFAULT_RATES } from '../../lib/http/request-rates.ts';
import { DEFAULT_PAGE, MAX_PAGE, MAX_WAIT_S } from '../../lib/http/schemas.ts';
import { MAX_STORAGE_WRITES } from '../../lib/ports/tenant-storage.ts';
import { MAX_ENV_ENTRIES, MAX_ENV_VALUE_BYTES } from '../../lib/service/put-env.ts';
import { MAX_SCHEDULES } from '../../lib/service/put-schedules.ts';
import { DEFAULT_SUSPEND_AFTER } from '../../lib/service/strikes.ts';
import { TENANT_LIMIT_BOUNDS } from '../../lib/service/tenant-limits.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');

/** A constant that its module keeps for itself: a number, or the text of a pattern. */
const constantIn = (path: string, name: string): number | string => {
  const [, digits, pattern] = new RegExp(`\\b${name}(?: =|:) (?:([\\d_]+)|/(.*)/)[;,]`).exec(read(path)) ?? [];
  if (pattern !== undefined) return pattern;
  if (digits === undefined) throw new Error(`${path} has no ${name}`);
  return Number(digits.replaceAll('_', ''));
};

const digits = (value: number | string): string => Number(value).toLocaleString('en');
const ms = (value: number): string =>
  value % DAY_MS === 0 && value > DAY_MS
    ? `${value / DAY_MS} days`
    : `${value / HOUR_MS} hour${value > HOUR_MS ? 's' : ''}`;
const minutes = (value: number): string => `${value / MINUTE_MS} minutes`;
const bytes = (value: number | string): string => {
  const size = Number(value);
  if (size % 1_073_741_824 === 0) return `${size / 1_073_741_824} GiB`;
  return size % 1_048_576 === 0 ? `${size / 1_048_576} MiB` : `${size / 1_024} KiB`;
};
const SANDBOX = 'lib/bindings/sandbox-arguments.ts';
const CONTAINED = 'lib/adapters/embedded/sandbox/namespaced-sandbox.ts';
const KEY = `a key ${MAX_KEY_BYTES} bytes`;

/** What each row has to say, by how it begins. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  'steps of an instance': [digits(limits.DEFAULT_STEP_LIMIT), digits(limits.MAX_STEP_LIMIT)],
  'records of all kinds': [`${limits.RECORDS_PER_STEP_LIMIT} times`],
  'what an instance stores': [bytes(limits.MAX_INSTANCE_STORAGE_BYTES)],
  'a chunk of a stream': [bytes(MAX_STREAM_CHUNK_BYTES), digits(MAX_STREAM_CHUNK_BYTES)],
  'params, event payload': [bytes(limits.MAX_VALUE_BYTES), digits(limits.MAX_VALUE_BYTES)],
  'buffered events': [digits(limits.MAX_BUFFERED_EVENTS)],
  'sleep, wait, retry delay': [ms(limits.MAX_WAIT_MS)],
  'growing retry delay': [ms(limits.MAX_BACKOFF_MS)],
  'a function as `delay`': [`${limits.DELAY_ANSWER_MS / SECOND_MS} seconds`],
  'a finished instance': [ms(limits.DEFAULT_RETENTION_MS)],
  'instances in a batch': [digits(limits.MAX_BATCH)],
  creations: [digits(limits.DEFAULT_CREATES_PER_SECOND)],
  'at the same time': [digits(limits.MAX_COUNTED_TURNS)],
  'schedules of a workflow': [digits(MAX_SCHEDULES), digits(constantIn('lib/service/cron.ts', 'MAX_CHARS'))],
  'an attempt |': [minutes(limits.DEFAULT_ATTEMPT_TIMEOUT_MS)],
  'an attempt on AWS': [minutes(CALLBACK_MS)],
  'CPU of a turn': [`${limits.DEFAULT_CPU_MS / SECOND_MS} s`, minutes(limits.MAX_CPU_MS)],
  memory: [`${limits.DEFAULT_MEMORY_MB} MiB`, digits(TENANT_LIMIT_BOUNDS.memoryMb.max), 'from 8'],
  'calls to the outside': [digits(limits.DEFAULT_SUBREQUESTS)],
  'a body of `fetch`': [digits(MAX_FETCH_BODY_BYTES), `${MAX_REDIRECTS} redirects`],
  'turns that end uncleanly': [digits(limits.MAX_UNCLEAN_TURNS)],
  'processes that': [`from ${constantIn('lib/executor/reputation.ts', 'ALONE_AT')}`, `after ${DEFAULT_SUSPEND_AFTER}`],
  'a bundle': [
    digits(limits.MAX_BUNDLE_BYTES),
    digits(constantIn('lib/bundle/compile.ts', 'MAX_CODE_BYTES')),
    digits(constantIn('lib/bundle/source-files.ts', 'MAX_UNPACKED_BYTES')),
    `${digits(constantIn('lib/bundle/source-files.ts', 'MAX_FILES'))} files`,
  ],
  '`console` |': [
    digits(limits.MAX_LOG_LINE_CHARS),
    `${digits(limits.MAX_TURN_LOG_LINES)} lines`,
    bytes(limits.MAX_TURN_LOG_CHARS),
    bytes(limits.MAX_LOG_CHARS),
  ],
  '`console` in': [
    bytes(limits.MAX_REQUEST_LOG_CHARS),
    ms(limits.REQUEST_LOG_RETENTION_MS),
    digits(limits.MAX_REQUEST_LOG_ENTRIES),
  ],
  '`env` |': [digits(MAX_ENV_ENTRIES), bytes(MAX_ENV_VALUE_BYTES)],
  '`env.STORAGE`': [
    KEY,
    bytes(MAX_STORED_BYTES),
    `${MAX_STORAGE_WRITES} writes`,
    bytes(constantIn('lib/adapters/embedded/sqlite-tenant-storage.ts', 'MAX_FILE_BYTES')),
  ],
  '`env.CACHE`': [ms(limits.MAX_WAIT_MS)],
  '`env.BUCKET`': [KEY, bytes(MAX_OBJECT_BYTES), digits(MAX_OBJECT_BYTES), digits(limits.DEFAULT_STORAGE_MB)],
  '`env.QUEUE`': [
    bytes(limits.MAX_VALUE_BYTES),
    `${MAX_DELIVERIES} deliveries`,
    digits(constantIn('lib/guest/queue.ts', 'MAX_DELAY_S')),
  ],
  'a sandboxed command': [
    `${constantIn(SANDBOX, 'MAX_ARGUMENTS')} arguments`,
    `${constantIn(SANDBOX, 'MAX_VARIABLES')} variables`,
    bytes(constantIn(SANDBOX, 'MAX_BYTES')),
    minutes(limits.DEFAULT_SANDBOX_TIMEOUT_MS),
    `${bytes(constantIn(CONTAINED, 'memoryBytes'))} of memory`,
    `${constantIn(CONTAINED, 'processes')} processes`,
  ],
  'a workspace': [
    bytes(constantIn(CONTAINED, 'workspaceBytes')),
    bytes(constantIn('lib/adapters/aws/sandbox-objects.ts', 'MAX_ARCHIVE_BYTES')),
  ],
  snapshots: [
    digits(limits.MAX_SNAPSHOTS),
    bytes(limits.MAX_SNAPSHOTS_BYTES),
    `${constantIn('lib/bindings/snapshot-arguments.ts', 'NAME')}`,
  ],
  requests: [digits(DEFAULT_RATES.ofTenant.perSecond)],
  'a body |': [digits(limits.MAX_BODY_BYTES)],
  'a page of a list': [digits(DEFAULT_PAGE), digits(MAX_PAGE)],
  'a long poll': [`${MAX_WAIT_S} seconds`],
  JSON: [`${MAX_JSON_DEPTH} levels`],
  'the audit log': [ms(limits.AUDIT_RETENTION_MS)],
  names: [
    `${constantIn('lib/core/names.ts', 'INSTANCE_ID')}`,
    `${constantIn('lib/core/names.ts', 'EVENT_TYPE')}`,
    digits(MAX_INSTANCE_ID_LENGTH),
    digits(MAX_STEP_NAME_LENGTH),
  ],
};

const rows = [...read('docs/limits.md').matchAll(/^\| (?!what \||---)(.+) \|$/gm)].map(([, row = '']) => row);

describe('the tables of docs/limits.md', () => {
  it.each(Object.entries(ROWS))('the row "%s" says what the code does', (start, said) => {
    const found = rows.filter((row) => row.startsWith(start));
    expect(found, `rows that begin with ${start}`).not.toEqual([]);
    for (const text of said) expect(found[0]).toContain(text);
  });

  it('have no row that nothing holds', () => {
    expect(rows.filter((row) => !Object.keys(ROWS).some((start) => row.startsWith(start)))).toEqual([]);
  });
});
