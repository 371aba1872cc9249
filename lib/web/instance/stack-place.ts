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

export interface Frame {
  readonly lines: readonly FrameLine[];
  /** Columns that all lines begin with blank, taken off them. */
  readonly indent: number;
}

const LINES_AROUND = 3;

/** The line and those around it; none where the source has no such line. */
export const codeFrame = (source: string, line: number, around: number = LINES_AROUND): Frame => {
  const all = source.split(/\r\n|\n|\r/);
  if (line < 1 || line > all.length) return { lines: [], indent: 0 };
  const first = Math.max(1, line - around);
  const texts = all.slice(first - 1, line + around);
  const indents = texts.filter((text) => text.trim() !== '').map((text) => text.length - text.trimStart().length);
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return {
    lines: texts.map((text, at) => ({ number: first + at, text: text.slice(indent), isPlace: first + at === line })),
    indent,
  };
};

/** Where no more than the line itself is known. */
export const frameOfLine = ({ line }: StackPlace, text: string): Frame =>
  codeFrame(`${'\n'.repeat(line - 1)}${text}`, line, 0);
