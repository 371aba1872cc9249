import { Cron } from 'croner';

/** Of digits, names and `* , - /`: what the library knows besides is not every cron's. */
const FIELD = '(?:[\\d*,/-]|SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)+';
const FIELDS = new RegExp(`^${FIELD}(?: ${FIELD}){4}$`);
/** So that the id of an instance can hold it. */
const MAX_CHARS = 80;

export type ReadCron = { readonly ok: true; readonly cron: string } | { readonly ok: false; readonly problem: string };

/** A cron as a tenant wrote it, in the one form in which it is kept. `now`: epoch ms. */
export const readCron = (text: string, now: number): ReadCron => {
  const cron = text.trim().replaceAll(/\s+/g, ' ').toUpperCase();
  const no = (problem: string): ReadCron => ({ ok: false, problem });
  if (!FIELDS.test(cron) || cron.length > MAX_CHARS) {
    return no('must be five fields in UTC (minute, hour, day, month, weekday), such as "0 9 * * MON-FRI"');
  }
  try {
    return nextTick(cron, now) === undefined ? no('never comes: there is no such day') : { ok: true, cron };
  } catch (error) {
    return no(`is no cron: ${(error as Error).message.replace(/^CronPattern: /, '')}`);
  }
};

/** The first tick after that moment; `undefined`: there is none. Epoch ms. */
export const nextTick = (cron: string, after: number): number | undefined =>
  patternOf(cron).nextRun(new Date(after))?.getTime();

/** The last tick up to that moment, epoch ms. */
export const lastTick = (cron: string, until: number): number | undefined =>
  patternOf(cron)
    .previousRuns(1, new Date(until + 1))[0]
    ?.getTime();

const patternOf = (cron: string): Cron => new Cron(cron, { mode: '5-part', timezone: 'UTC', paused: true });

const LETTERS: Readonly<Record<string, string>> = { ' ': '_', '*': 'x', ',': 'c', '-': 't', '/': 's' };

/**
 * `<cron>-<ms>` with what an id cannot hold as small letters, which a cron that is kept has none of: so two crons never meet
 * in one id, and each tick has one.
 */
export const tickId = (cron: string, at: number): string =>
  `${cron.replaceAll(/[ *,/-]/g, (sign) => LETTERS[sign] ?? '')}-${at}`;
