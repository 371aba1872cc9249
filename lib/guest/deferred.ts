/**
 * What a step's callback returns to say that its outcome comes later, from outside, by the token. Known by its class, and
 * to the attempt that made it by identity: a copy, or another attempt's, leaves no step open.
 */
export class Deferred {
  readonly token: string;

  constructor(token: string) {
    this.token = token;
    Object.freeze(this);
  }
}

// Contexts are kept between turns: what tenant code can reach must stay as it is.
Object.freeze(Deferred.prototype);
Object.freeze(Deferred);

/** `timeout`: ms from now on; absent: the step's bounds the whole attempt. */
export interface DeferOptions {
  readonly timeout?: number;
}

/** A turn or a request, as the proxy of a binding knows it. */
interface Deferring {
  /** @throws Error outside of a step, and for a second one in an attempt */
  defer(options: DeferOptions): Deferred;
}

/**
 * For the proxy of a binding whose method gives a deferred result of the step that calls it: it hands the token to its host
 * and the result to the callback, which returns it.
 * @throws Error outside of a step, and for a second one in an attempt
 */
export const deferInAttempt = (turn: Deferring, options: DeferOptions = {}): Deferred => turn.defer(options);
