import { projectionOf } from '../core/decide.ts';
import { TenonError } from '../core/errors.ts';
import { DEFAULT_RETENTION_MS, MINUTE_MS, SECOND_MS } from '../core/limits.ts';
import { isFinal, type JournalRecord } from '../core/records.ts';
import type { Version } from '../ports/bundle-store.ts';
import type { InstanceKey, Lease, Summary } from '../ports/instance-store.ts';
import type { ReplayReport } from '../ports/replay-report.ts';
import type { Dependencies } from './dependencies.ts';
import { instanceNotFound, versionNotFound } from './refusals.ts';
import { type ReplayNeeds, replayJournal } from './replay-journal.ts';
import { TurnJournal } from './turn-journal.ts';

type Needs = ReplayNeeds & Pick<Dependencies, 'clock' | 'randomness' | 'wakes' | 'watch'>;

/** A replay takes less; nobody renews it. */
const LEASE_MS = MINUTE_MS;
/** A turn at work is waited for so long. */
const PATIENCE_MS = 5 * SECOND_MS;
const LOOK_AGAIN_MS = SECOND_MS / 4;

/**
 * Pins an unfinished instance to another version of its tenant, after a replay with it that shows no divergence and reaches
 * the journal's end. Nothing runs meanwhile: the instance is held as by a turn. It goes on at once with the new code.
 * @throws TenonError `instance.not_found`, `version.not_found`, `instance.finished`, `instance.cannot_move`, `rate.limited`
 */
export const moveInstance = async (
  deps: Needs,
  { key, version: name }: { readonly key: InstanceKey; readonly version: string },
): Promise<Summary> => {
  const [version, current] = await Promise.all([deps.bundles.getVersion(key.tenant, name), deps.instances.get(key)]);
  if (current === undefined) throw instanceNotFound();
  if (version === undefined) throw versionNotFound();
  if (isFinal(current.status)) throw finished();
  if (current.version === name) return current;
  const { summary, lease } = await hold(deps, key);
  const journal = new TurnJournal(deps, { key, incarnation: summary.incarnation });
  let isMoved = false;
  try {
    refuseUnlessOk(await replayJournal(deps, { summary, version }));
    await journal.load();
    if (journal.state.final !== undefined) throw finished();
    isMoved = await letGo(deps, { summary, lease, journal, version });
    if (!isMoved) throw cannotMove('Something else happened to the instance meanwhile. Try again.');
  } finally {
    if (!isMoved) {
      await journal.load();
      await letGo(deps, { summary, lease, journal });
    }
  }
  const moved = await deps.instances.get(key);
  if (moved === undefined) throw instanceNotFound();
  return moved;
};

const hold = async (deps: Needs, key: InstanceKey): Promise<{ readonly summary: Summary; readonly lease: Lease }> => {
  const owner = `move-${deps.randomness.id()}`;
  const until = deps.clock.now() + PATIENCE_MS;
  for (;;) {
    const now = deps.clock.now();
    const lease = { owner, until: now + LEASE_MS };
    const claim = await deps.instances.claim({ key, lease, now, isForced: true });
    switch (claim.kind) {
      case 'claimed':
        return { summary: claim.summary, lease };
      case 'not_found':
        throw instanceNotFound();
      case 'idle':
        throw finished();
      case 'leased':
        if (now >= until) throw cannotMove('The instance is at work. Pause it, or try again when it waits.');
        await deps.watch.changed(key, now + LOOK_AGAIN_MS);
    }
  }
};

/** Ends the hold, with `version` as another one. Due at once: what came in meanwhile, or the new code, has to be seen to. */
const letGo = async (
  deps: Needs,
  {
    summary,
    lease,
    journal,
    version,
  }: {
    readonly summary: Summary;
    readonly lease: Lease;
    readonly journal: TurnJournal;
    readonly version?: Version;
  },
): Promise<boolean> => {
  const { state } = journal;
  const now = deps.clock.now();
  const records: JournalRecord[] = [];
  if (version !== undefined) {
    const at = Math.max(now, state.lastAt);
    records.push(journal.apply({ kind: 'moved', at, from: summary.version, to: version.version }));
  }
  const retentionMs = summary.retentionMs ?? DEFAULT_RETENTION_MS;
  const result = await journal.write(records, {
    owner: lease.owner,
    // The hold is no turn that might have failed.
    unclosedClaims: summary.unclosedClaims - 1,
    projection: projectionOf(state, { wakeAt: now, retentionMs }),
    ...(version !== undefined && { version: version.version }),
  });
  if (result.kind !== 'done') return false;
  const { tenant, workflow, id, incarnation } = summary;
  const key = { tenant, workflow, id };
  deps.watch.announce(key);
  await deps.wakes.wake({ key, incarnation });
  return true;
};

const refuseUnlessOk = (report: ReplayReport): void => {
  const { outcome, stop, recorded, delivered, divergences, error, next } = report;
  if (outcome === 'diverged') {
    const [first] = divergences;
    throw cannotMove(
      `The code of that version does not follow the journal of the instance: expected ${first?.expected}, got ${first?.got}.`,
      divergences,
    );
  }
  if (outcome === 'failed') throw cannotMove(`The replay with that version failed: ${error?.name}: ${error?.message}`);
  if (stop === 'effect' && delivered < recorded) {
    throw cannotMove(`The replay ended at ${next}, which is called outside a step: the rest cannot be checked.`);
  }
};

const cannotMove = (message: string, divergences: ReplayReport['divergences'] = []): TenonError =>
  new TenonError('instance.cannot_move', message, {
    divergences: divergences.map(({ step, expected, got }) => ({ step, expected, got })),
  });

const finished = (): TenonError =>
  new TenonError('instance.finished', 'The instance has finished: it stays on the version that it ended with.');
