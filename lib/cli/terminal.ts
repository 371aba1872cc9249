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
  readInput(): string;
  /** Calls back at SIGINT and SIGTERM; gives a function that stops listening. */
  onStopSignal(stop: () => void): () => void;
}

export const processTerminal = (): Terminal => ({
  env: process.env,
  cwd: process.cwd(),
  isColoured: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
  now: () => Date.now(),
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  readInput: () => readFileSync(0, 'utf8'),
  onStopSignal: (stop) => {
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    return () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    };
  },
});

export type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

export const painter = (isColoured: boolean): Paint =>
  isColoured ? (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m` : (_style, text) => text;
