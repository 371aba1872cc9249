import type { Terminal } from './terminal.ts';

/** Says what is being waited for, for as long as it is. */
export const during = async <T>(terminal: Terminal, text: string, work: Promise<T>): Promise<T> => {
  terminal.progress(text);
  try {
    return await work;
  } finally {
    terminal.progress('');
  }
};
