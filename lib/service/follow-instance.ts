import { type InstanceEvent, InstanceEvents } from '../core/instance-events.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { instanceNotFound } from './refusals.ts';

/** Where somebody has got to: the last event that was told, and of which life, where that is known. */
export interface EventCursor {
  readonly eventId: number;
  /** A restart begins another one, whose events are numbered from 1 again. */
  readonly life?: string;
}

export interface Told {
  readonly events: readonly InstanceEvent[];
  /** After these. */
  readonly cursor: EventCursor;
  /** The instance has ended, or is gone, and all has been told. */
  readonly isOver: boolean;
}

/** The longest time between two looks: what a turn appends in its middle nobody announces. */
const LOOK_MS = 1_000;
/** Enough of a random name to tell two lives of one instance apart. */
const LIFE_CHARS = 8;
const EVENTS_AT_ONCE = 200;

/** Tells the events of one instance, from a cursor on, as they come about. */
export class InstanceFollower {
  readonly #deps: Pick<Dependencies, 'clock' | 'instances' | 'watch'>;
  readonly #key: InstanceKey;
  #after: EventCursor;
  #incarnation: string | undefined;
  #events: InstanceEvents | undefined;
  #ready: InstanceEvent[] = [];
  #isGone = false;

  constructor(
    deps: Pick<Dependencies, 'clock' | 'instances' | 'watch'>,
    params: { readonly key: InstanceKey; readonly after?: EventCursor },
  ) {
    this.#deps = deps;
    this.#key = params.key;
    this.#after = params.after ?? { eventId: 0 };
  }

  /**
   * The next events that `wants`, or none when `until` (epoch ms) has come. Others are passed over.
   * @throws TenonError `instance.not_found` where there is none to begin with
   */
  async next(params: {
    readonly until: number;
    readonly wants: (event: InstanceEvent) => boolean;
    readonly signal: AbortSignal;
  }): Promise<Told> {
    const { until, wants, signal } = params;
    const { clock, watch } = this.#deps;
    for (;;) {
      // Listened for before it is read: a change between the two is not missed.
      const changed = watch.changed(this.#key, Math.min(until, clock.now() + LOOK_MS));
      await this.#read();
      const told = this.#take(wants);
      const isTimeUp = clock.now() >= until || watch.isClosed === true || signal.aborted;
      if (told.events.length > 0 || told.isOver || isTimeUp) return told;
      // All of these were passed over: the next ones are there.
      if (this.#ready.length === 0) await changed;
    }
  }

  #take(wants: (event: InstanceEvent) => boolean): Told {
    const taken = this.#ready.splice(0, EVENTS_AT_ONCE);
    const last = taken.at(-1);
    if (last !== undefined) this.#after = { ...this.#after, eventId: last.eventId };
    const isOver = this.#ready.length === 0 && (this.#isGone || this.#events?.isOver === true);
    return { events: taken.filter(wants), cursor: this.#after, isOver };
  }

  async #read(): Promise<void> {
    if (this.#ready.length > 0 || this.#isGone || this.#events?.isOver === true) return;
    const summary = await this.#deps.instances.get(this.#key);
    if (summary === undefined) {
      if (this.#events === undefined) throw instanceNotFound();
      this.#isGone = true;
      return;
    }
    const { incarnation } = summary;
    if (this.#events === undefined || incarnation !== this.#incarnation) this.#begin(incarnation, summary.createdAt);
    const events = this.#events ?? new InstanceEvents(summary);
    events.add(await this.#deps.instances.readJournal({ key: this.#key, incarnation, from: events.position }));
    const isAtRest = summary.status === 'waiting' && summary.lease === undefined;
    // A journal that has grown since tells by itself what became of the waiting.
    if (isAtRest && summary.position === events.position) events.rest();
    const told = events.take();
    // Who has seen more events than there are has seen another life's.
    const lastId = told.at(-1)?.eventId ?? this.#after.eventId;
    if (this.#after.eventId > lastId) this.#after = { ...this.#after, eventId: 0 };
    this.#ready = told.filter(({ eventId }) => eventId > this.#after.eventId);
  }

  #begin(incarnation: string, createdAt: number): void {
    const life = incarnation.slice(0, LIFE_CHARS);
    const isSame = this.#incarnation === undefined && (this.#after.life === undefined || this.#after.life === life);
    this.#after = { eventId: isSame ? this.#after.eventId : 0, life };
    this.#incarnation = incarnation;
    this.#events = new InstanceEvents({ createdAt });
  }
}

const CURSOR = /^(\d{1,15})(?:\.([0-9a-f]{8}))?$/;

export const cursorText = ({ eventId, life }: EventCursor): string =>
  life === undefined ? `${eventId}` : `${eventId}.${life}`;

/** `undefined`: it is none. */
export const readEventCursor = (text: string): EventCursor | undefined => {
  const [, eventId, life] = CURSOR.exec(text) ?? [];
  if (eventId === undefined) return undefined;
  return { eventId: Number(eventId), ...(life !== undefined && { life }) };
};
