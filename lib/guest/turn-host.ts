import type { GuestMessage } from '../ports/turn-messages.ts';

/** What a turn stands on: inside an isolate the executor, in the simulation plain JavaScript with time in its hand. */
export interface TurnHost {
  /** The real time, epoch ms. */
  now(): number;
  post(message: GuestMessage): void;
  /** Asks for `onAlarm` at that time (epoch ms) in place of any asked for before. */
  setAlarm(at: number | undefined): void;
  /** Asks for `onEntry` as a task of its own, after all microtasks. */
  postEntry(): void;
  /** A token of 256 real random bits behind `prefix`, and its SHA-256 in hex. */
  makeToken(prefix: string): { readonly token: string; readonly hash: string };
  /** A stack in the tenant's own source lines. */
  mapStack(stack: string): string;
}
