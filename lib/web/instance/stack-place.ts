/** A place in the tenant's source, line and column from 1. */
export interface StackPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `at run (index.ts:12:5)`, or without a function `at index.ts:12:5`. */
const FRAME = /^\s*at (?:.*\()?([^()\s]+):(\d+):(\d+)\)?$/;

/** The innermost place that a stack names. */
export const stackPlace = (stack: string | undefined): StackPlace | undefined => {
  for (const line of stack?.split('\n') ?? []) {
    const [, file, at, column] = FRAME.exec(line) ?? [];
    if (file !== undefined) return { file, line: Number(at), column: Number(column) };
  }
  return undefined;
};

export interface FrameLine {
  readonly number: number;
  readonly text: string;
  readonly isPlace: boolean;
}

const LINES_AROUND = 3;

/** The line and those around it; empty where the source has no such line. */
export const codeFrame = (source: string, line: number, around: number = LINES_AROUND): readonly FrameLine[] => {
  const lines = source.split(/\r\n|\n|\r/);
  if (line < 1 || line > lines.length) return [];
  const first = Math.max(1, line - around);
  return lines
    .slice(first - 1, line + around)
    .map((text, at) => ({ number: first + at, text, isPlace: first + at === line }));
};
