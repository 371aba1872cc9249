import { readFileSync } from 'node:fs';

/** What a command sees of the world around it; tests hand in their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Whether ANSI colours are wanted. */
  readonly isColoured: boolean;
  /** Epoch ms. */
  now(): number;
  /** One or more lines on standard output. */
  print(text: string): void;
  /** One or more lines on standard error. */
  complain(text: string): void;
  /** How far something is, in place of what it said before; empty: nothing any more. Shown on standard error where that is a terminal. */
  progress(text: string): void;
  readInput(): string;
  /** Calls back at SIGINT and SIGTERM; gives a function that stops listening. */
  onStopSignal(stop: () => void): () => void;
}

export const processTerminal = (): Terminal => {
  const line = progressLine(process.stderr);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      // Whoever read it has gone, as `head` does.
      process.exit(0);
    });
  }
  return {
    env: process.env,
    cwd: process.cwd(),
    isColoured: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    now: () => Date.now(),
    print: (text) => {
      line('');
      process.stdout.write(`${text}\n`);
    },
    complain: (text) => {
      line('');
      process.stderr.write(`${text}\n`);
    },
    progress: line,
    readInput: () => readFileSync(0, 'utf8'),
    onStopSignal: (stop) => {
      process.on('SIGINT', stop);
      process.on('SIGTERM', stop);
      return () => {
        process.off('SIGINT', stop);
        process.off('SIGTERM', stop);
      };
    },
  };
};

/** Writes over the line that it wrote last; says nothing where nobody would see it. */
export const progressLine = (stream: { readonly isTTY?: boolean; write(text: string): unknown }) => {
  let shown = '';
  return (text: string): void => {
    if (stream.isTTY !== true || text === shown) return;
    stream.write(`\r\u001b[2K${text}`);
    shown = text;
  };
};

export type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

export const painter = (isColoured: boolean): Paint =>
  isColoured ? (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m` : (_style, text) => text;
