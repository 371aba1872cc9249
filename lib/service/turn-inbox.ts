import { takeInbox } from '../core/decide.ts';
import { SECOND_MS } from '../core/limits.ts';
import type { JournalRecord } from '../core/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { InstanceKey, InstanceStore } from '../ports/instance-store.ts';
import type { Timer } from '../ports/timer.ts';
import type { TurnJournal } from './turn-journal.ts';

interface Needs {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly instances: Pick<InstanceStore, 'readInbox'>;
}

const PAGE = 1_000;

/** The inbox of one incarnation as one turn takes it, number by number, into the journal. */
export class TurnInbox {
  readonly #needs: Needs;
  readonly #of: { readonly key: InstanceKey; readonly incarnation: string };
  readonly #journal: TurnJournal;
  readonly #onGap: () => void;
  #gapSeenAt: number | undefined;
  #cancelWatch: () => void = () => {};

  /** `onGap`: called a second after a number was found whose item has not come, to look again. */
  constructor(
    needs: Needs,
    of: { readonly key: InstanceKey; readonly incarnation: string },
    journal: TurnJournal,
    onGap: () => void,
  ) {
    this.#needs = needs;
    this.#of = of;
    this.#journal = journal;
    this.#onGap = onGap;
  }

  get hasGap(): boolean {
    return this.#gapSeenAt !== undefined;
  }

  /** What it holds, as records applied to the journal's state; the caller appends them. */
  async take(): Promise<JournalRecord[]> {
    const { state } = this.#journal;
    const out: JournalRecord[] = [];
    for (;;) {
      const items = await this.#needs.instances.readInbox({ ...this.#of, afterSeq: state.takenSeq, limit: PAGE });
      const taken = takeInbox(state, items, { now: this.#needs.clock.now(), gapSeenAt: this.#gapSeenAt });
      if (taken.hasGap) this.#watchGap();
      else this.#gapSeenAt = undefined;
      for (const record of taken.records) out.push(this.#journal.apply(record));
      if (taken.hasGap || items.length < PAGE) return out;
    }
  }

  end(): void {
    this.#cancelWatch();
  }

  #watchGap(): void {
    this.#gapSeenAt ??= this.#needs.clock.now();
    this.#cancelWatch();
    this.#cancelWatch = this.#needs.timer.after(SECOND_MS, this.#onGap);
  }
}
