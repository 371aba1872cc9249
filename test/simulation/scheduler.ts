/** Something that can die or stand still with everything that it had in hand. */
export interface Process {
  readonly name: string;
  readonly isAlive: boolean;
  /** Stands still until then, virtual ms; what comes meanwhile waits. */
  readonly stalledUntil: number;
}

interface Task {
  at: number;
  readonly order: number;
  readonly process: Process | undefined;
  readonly label: string;
  /** `undefined`: taken back. */
  action: (() => void) | undefined;
}

/** Immediates asked for at once. Node runs all microtasks after each of them, and the loop turns once for all. */
const BATCH = 256;

export type RunEnd = 'done' | 'idle' | 'late' | 'too_many_tasks';

/**
 * Virtual time. One task runs at a time, and all microtasks before the next: so a continuation of a promise always belongs
 * to the task that resolved it, and between two tasks there is nothing that a crash could cut in half. When nothing is left
 * to do now, time jumps to the next task.
 */
export class Scheduler {
  /** Virtual ms with fractions. */
  now: number;
  /** Tasks that have run, from 1: the points at which a simulation may interfere. */
  tasks = 0;
  /** Called before each task of a process; the process may be dead afterwards. */
  beforeTask: (process: Process) => void = () => {};
  trace: ((line: string) => void) | undefined;
  readonly #heap: Task[] = [];
  #lastOrder = 0;

  constructor(startAt: number) {
    this.now = startAt;
  }

  after(delayMs: number, process: Process | undefined, label: string, action: () => void): () => void {
    this.#lastOrder += 1;
    const task: Task = {
      at: this.now + Math.max(0, delayMs),
      order: this.#lastOrder,
      process,
      label,
      action,
    };
    push(this.#heap, task);
    return () => {
      task.action = undefined;
    };
  }

  /** `until`: virtual ms. Gives why it ended. */
  run(params: { readonly until: number; readonly maxTasks: number; readonly isDone: () => boolean }): Promise<RunEnd> {
    return new Promise((resolve, reject) => {
      let left = 0;
      let isOver = false;
      const one = (): void => {
        left -= 1;
        if (isOver) return;
        try {
          const end = this.#next(params);
          if (end !== undefined) {
            isOver = true;
            resolve(end);
            return;
          }
        } catch (error) {
          isOver = true;
          reject(error);
          return;
        }
        if (left === 0) refill();
      };
      const refill = (): void => {
        left = BATCH;
        for (let count = 0; count < BATCH; count++) setImmediate(one);
      };
      refill();
    });
  }

  #next(params: {
    readonly until: number;
    readonly maxTasks: number;
    readonly isDone: () => boolean;
  }): RunEnd | undefined {
    if (params.isDone()) return 'done';
    for (;;) {
      const task = this.#heap[0];
      if (task === undefined) return 'idle';
      if (task.at > params.until) return 'late';
      pop(this.#heap);
      const { process, action } = task;
      if (action === undefined || (process !== undefined && !process.isAlive)) continue;
      this.now = Math.max(this.now, task.at);
      if (process !== undefined) {
        if (process.stalledUntil > this.now) {
          // What came due meanwhile comes at once afterwards, in the order in which it was asked for.
          task.at = process.stalledUntil;
          push(this.#heap, task);
          continue;
        }
        this.tasks += 1;
        if (this.tasks > params.maxTasks) return 'too_many_tasks';
        this.beforeTask(process);
        // What a disaster set going comes first.
        if (!process.isAlive) return undefined;
        if (process.stalledUntil > this.now) {
          task.at = process.stalledUntil;
          push(this.#heap, task);
          return undefined;
        }
      }
      this.trace?.(`${process?.name ?? '-'} ${task.label}`);
      action();
      return undefined;
    }
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

const push = (heap: Task[], task: Task): void => {
  let index = heap.length;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as Task;
    if (!isBefore(task, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = task;
};

const pop = (heap: Task[]): void => {
  const last = heap.pop() as Task;
  const { length } = heap;
  if (length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= length) break;
    if (child + 1 < length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child += 1;
    const below = heap[child] as Task;
    if (!isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
};
