import type { createWorker } from '@valtown/codemirror-ts/worker';

/** What the page asks the compiler. Questions are answered in the order in which they come. */
export type Compiler = Pick<
  ReturnType<typeof createWorker>,
  'updateFile' | 'getLints' | 'getAutocompletion' | 'getHover'
>;

/** The same from the other side of the worker. */
export type RemoteCompiler = {
  readonly [Method in keyof Compiler]: (
    ...given: Parameters<Compiler[Method]>
  ) => Promise<Awaited<ReturnType<Compiler[Method]>>>;
};

export interface Question {
  readonly id: number;
  readonly method: keyof Compiler;
  readonly given: readonly unknown[];
}

export interface Reply {
  readonly id: number;
  /** Absent where the compiler failed at it: there is nothing to show then. */
  readonly value?: unknown;
}
