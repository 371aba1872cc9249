import type { LogLine } from '../../client/operations.ts';

export type Level = LogLine['level'];

/** From the least to what matters most. */
export const LEVELS: readonly Level[] = ['debug', 'log', 'info', 'warn', 'error'];

/** So many are kept; an instance may say more than a page can hold. */
const MAX_LINES = 10_000;

/** Lines are numbered within a life: a number that is not above the one before it begins a new life. */
export const appendLines = (lines: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] => {
  const all = [...lines, ...more];
  const begin = all.findLastIndex(({ eventId }, at) => eventId <= (all[at - 1]?.eventId ?? 0));
  return all.slice(Math.max(0, begin, all.length - MAX_LINES));
};

interface Wanted {
  readonly minLevel: Level;
  readonly text: string;
  /** As lines name it. */
  readonly step: string | undefined;
}

export const filterLines = (lines: readonly LogLine[], { minLevel, text, step }: Wanted): readonly LogLine[] => {
  const from = LEVELS.indexOf(minLevel);
  const part = text.trim().toLowerCase();
  return lines.filter(
    (line) =>
      LEVELS.indexOf(line.level) >= from &&
      (step === undefined || line.step === step) &&
      (part === '' || line.message.toLowerCase().includes(part)),
  );
};
