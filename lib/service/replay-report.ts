import type { ReplayReport } from '../ports/replay-report.ts';

type Fields = Readonly<Record<string, unknown>>;

const OUTCOMES = ['ok', 'diverged', 'failed'] as const;
const STOPS = ['caught_up', 'effect', 'returned', 'threw', 'lost'] as const;
const MAX_DIVERGENCES = 20;
/** A step as it is shown: its name has 256 characters at most. */
const MAX_SHOWN_CHARS = 600;
const MAX_MESSAGE_CHARS = 20_000;

/** A report from a machine of the tenant's own: of it stays what has the form of one. */
export const readReplayReport = (said: unknown): ReplayReport => {
  const { outcome, stop, recorded, delivered, divergences, next, place, error } = fieldsOf(said);
  const text = (value: unknown, max = MAX_SHOWN_CHARS): string => String(value ?? '').slice(0, max);
  const list = Array.isArray(divergences) ? divergences.slice(0, MAX_DIVERGENCES).map(fieldsOf) : [];
  const thrown = fieldsOf(error);
  return {
    outcome: OUTCOMES.find((one) => one === outcome) ?? 'failed',
    stop: STOPS.find((one) => one === stop) ?? 'lost',
    recorded: countOf(recorded),
    delivered: countOf(delivered),
    divergences: list.map((one) => ({
      step: text(one.step),
      expected: text(one.expected),
      got: text(one.got),
      ...placeOf(one.place),
    })),
    ...(next !== undefined && { next: text(next) }),
    ...placeOf(place),
    ...(error !== undefined && {
      error: {
        name: text(thrown.name),
        message: text(thrown.message, MAX_MESSAGE_CHARS),
        ...(thrown.stack !== undefined && { stack: text(thrown.stack, MAX_MESSAGE_CHARS) }),
      },
    }),
  };
};

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const countOf = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0);

const placeOf = (value: unknown): Pick<ReplayReport, 'place'> => {
  const { file, line, column, text } = fieldsOf(value);
  if (typeof file !== 'string') return {};
  return {
    place: {
      file: file.slice(0, MAX_SHOWN_CHARS),
      line: countOf(line),
      column: countOf(column),
      ...(typeof text === 'string' && { text: text.slice(0, MAX_SHOWN_CHARS) }),
    },
  };
};
