import { TenonError } from '../core/errors.ts';
import { SECOND_MS } from '../core/limits.ts';
import { isFinal } from '../core/records.ts';
import type { Version } from '../ports/bundle-store.ts';
import type { Check, CheckCounts, CheckDivergence } from '../ports/check-store.ts';
import type { Summary } from '../ports/instance-store.ts';
import type { ReplayReport } from '../ports/replay-report.ts';
import { type CheckPlace, nextPage, readPlace, showPlace } from './check-place.ts';
import type { Dependencies } from './dependencies.ts';
import { type ReplayNeeds, replayJournal } from './replay-journal.ts';

export type RunCheckNeeds = ReplayNeeds & Pick<Dependencies, 'clock' | 'checks'>;

/** Replays take CPU time that turns need, too. */
const AT_A_TIME = 4;
const BUSY_MS = SECOND_MS;
const MAX_TRIES = 10;
const MAX_DIVERGENCES = 100;
/** So that a hundred of them fit into one row, whatever steps are called. */
const MAX_SHOWN_CHARS = 300;

/**
 * Goes on with a check, a page of instances at a time. What a page has shown is written with the place where the next one
 * begins: a page that is cut off is looked at again. Two that work on one check find out at that write, and one stops.
 */
export const runCheck = async (
  deps: RunCheckNeeds,
  params: {
    readonly tenant: string;
    readonly version: string;
    readonly id: string;
    /** Asked between pages. */
    readonly hasTime: () => boolean;
    /** The executors are about to go: what they say from then on is nobody's fault, and is not written. */
    readonly signal?: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<'over' | 'goes_on'> => {
  const version = await deps.bundles.getVersion(params.tenant, params.version);
  let check = await deps.checks.get(params.tenant, params.version);
  if (version === undefined || check === undefined || check.id !== params.id) return 'over';
  while (check.status === 'running') {
    if (!params.hasTime()) return 'goes_on';
    const next: Check = await lookAtPage(deps, { check, version, onError: params.onError });
    if (params.signal?.aborted === true) return 'goes_on';
    if (!(await deps.checks.replace(next, check))) return 'over';
    check = next;
  }
  return 'over';
};

const lookAtPage = async (
  deps: RunCheckNeeds,
  {
    check,
    version,
    onError,
  }: { readonly check: Check; readonly version: Version; readonly onError: (error: unknown) => void },
): Promise<Check> => {
  const page = await nextPage(deps, check.tenant, readPlace(check.cursor));
  const counts = { ...check.counts };
  const divergences = [...check.divergences];
  const waiting = page.instances.filter(({ status }) => !isFinal(status));
  const look = async (): Promise<void> => {
    for (let summary = waiting.shift(); summary !== undefined; summary = waiting.shift()) {
      const report = await reportOn(deps, summary, version, onError);
      if (report === 'gone') continue;
      count(counts, report);
      const room = MAX_DIVERGENCES - divergences.length;
      if (report !== 'skipped') divergences.push(...divergencesOf(summary, report).slice(0, room));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, look));
  return progress(check, { counts, divergences, place: page.next, now: deps.clock.now() });
};

/** One that cannot be looked at now keeps no other from being looked at. */
const reportOn = async (
  deps: RunCheckNeeds,
  summary: Summary,
  version: Version,
  onError: (error: unknown) => void,
): Promise<ReplayReport | 'gone' | 'skipped'> => {
  try {
    return await replayPatiently(deps, { summary, version });
  } catch (error) {
    const now = await deps.instances.get(summary);
    if (now?.incarnation !== summary.incarnation) return 'gone';
    onError(error);
    return 'skipped';
  }
};

/** A tenant's own machines may all be at work: then it is asked for again. */
const replayPatiently = async (
  deps: RunCheckNeeds,
  params: { readonly summary: Summary; readonly version: Version },
): Promise<ReplayReport> => {
  for (let tries = 1; ; tries++) {
    try {
      return await replayJournal(deps, params);
    } catch (error) {
      if (!(error instanceof TenonError) || error.code !== 'rate.limited' || tries === MAX_TRIES) throw error;
    }
    await new Promise<void>((resolve) => deps.timer.after(BUSY_MS, resolve));
  }
};

const count = (counts: { -readonly [Name in keyof CheckCounts]: number }, report: ReplayReport | 'skipped'): void => {
  counts.checked += 1;
  if (report === 'skipped') counts.skipped += 1;
  else if (report.outcome !== 'ok') counts[report.outcome] += 1;
  else if (report.stop === 'effect' && report.delivered < report.recorded) counts.skipped += 1;
  else counts.ok += 1;
};

/** One that fails has no step where something else was expected: shown is what it comes to instead. */
const divergencesOf = (summary: Summary, report: ReplayReport): readonly CheckDivergence[] => {
  const of = { workflow: summary.workflow, instance: summary.id };
  const clip = (text: string): string => text.slice(0, MAX_SHOWN_CHARS);
  if (report.outcome === 'failed') {
    const { name, message } = report.error ?? { name: 'Error', message: '' };
    return [{ ...of, step: 'run()', expected: 'run() goes on', got: clip(`${name}: ${message}`) }];
  }
  return report.divergences.map(({ step, expected, got }) => ({
    ...of,
    step: clip(step),
    expected: clip(expected),
    got: clip(got),
  }));
};

const progress = (
  { cursor: _, ...check }: Check,
  {
    place,
    now,
    ...shown
  }: Pick<Check, 'counts' | 'divergences'> & { readonly place: CheckPlace | undefined; readonly now: number },
): Check => {
  const next = { ...check, ...shown, revision: check.revision + 1, movedAt: now };
  if (place !== undefined) return { ...next, cursor: showPlace(place) };
  const { diverged, failed } = shown.counts;
  return { ...next, status: diverged + failed === 0 ? 'passed' : 'failed', endedAt: now };
};
