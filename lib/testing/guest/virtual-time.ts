/**
 * The time of a guest under test. It stands still while code runs and while an answer of the host is awaited; with nothing
 * else to do it goes on at once to what the guest has asked to be woken for. Imported before the guest's own modules, which
 * take `Date.now` as they are evaluated.
 */
let now = 0;
let alarmAt: number | undefined;
/** Entries on their way, and questions to the host without an answer. */
let entries = 0;
let questions = 0;
let isBlocked = false;

/** Of the guest's messages those that the host answers, each once. */
const QUESTIONS = new Set([
  'call',
  'commit',
  'need_segment',
  'need_inbox',
  'need_value',
  'write_stream',
  'read_stream',
]);
const ENDS = new Set(['blocked', 'yield', 'finished', 'response', 'fetch_failed']);
const ANSWERS = new Set(['answer', 'committed', 'segment', 'value']);

Date.now = () => now;

export const virtualTime = {
  begin(at: number): void {
    now = at;
    alarmAt = undefined;
    questions = 0;
    isBlocked = false;
  },
  get alarmAt(): number | undefined {
    return alarmAt;
  },
  setAlarm(at: number): void {
    alarmAt = at > 0 ? at : undefined;
  },
  onPost(kind: string): void {
    if (QUESTIONS.has(kind)) questions += 1;
    if (ENDS.has(kind)) isBlocked = true;
  },
  onMessage({ kind, isAnswer }: { readonly kind: string; readonly isAnswer?: boolean }): void {
    if (ANSWERS.has(kind) || isAnswer === true) questions -= 1;
    isBlocked = false;
  },
  onEntryAsked(): void {
    entries += 1;
  },
  onEntry(): void {
    entries -= 1;
  },
  /** Goes on to the alarm, where nothing holds it. `false`: something does. */
  jump(): boolean {
    if (alarmAt === undefined || entries > 0 || questions > 0 || isBlocked) return false;
    now = Math.max(now, alarmAt);
    alarmAt = undefined;
    return true;
  },
};
