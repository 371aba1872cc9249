import type { Paint } from '../terminal.ts';

export const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export const OUTCOMES = ['ok', 'error'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One thing that a tenant's code has said or come to, wherever it was at work. */
export interface TailLine {
  /** ISO 8601. */
  readonly time: string;
  /** Who: `Onboarding first`, or `GET /page`. */
  readonly source: string;
  /** Name and count of the step, and which attempt, where it was said in one. */
  readonly step?: string;
  /** Of the line; that of a failure is `error`. */
  readonly level: Level;
  readonly text: string;
  /** How something has ended; absent: it has not. */
  readonly outcome?: Outcome;
  /** As the API says it, for `--json`; one and the same for lines of one request. */
  readonly told: object;
}

/** What is shown of all that comes. */
export interface TailFilter {
  readonly level?: Level;
  readonly outcome?: Outcome;
  readonly search?: string;
}

const SEVERITY: Readonly<Record<Level, number>> = { debug: 0, log: 1, info: 1, warn: 2, error: 3 };

export const isShown = (line: TailLine, { level, outcome, search }: TailFilter): boolean =>
  (level === undefined || SEVERITY[line.level] >= SEVERITY[level]) &&
  (outcome === undefined || line.outcome === outcome) &&
  (search === undefined || lineText(line, (_style, text) => text).includes(search));

/** `14:02:05.123Z  Onboarding first  [open-1 #2]  warn   no answer` */
export const lineText = ({ time, source, step, level, text, outcome }: TailLine, paint: Paint): string => {
  const style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : outcome === 'ok' ? 'green' : undefined;
  const said = outcome === undefined ? `${level.padEnd(5)}  ${text}` : text;
  const parts = [
    paint('dim', time.slice(11)),
    paint('bold', source),
    ...(step === undefined ? [] : [`[${step}]`]),
    style === undefined ? said : paint(style, said),
  ];
  return parts.join('  ');
};
