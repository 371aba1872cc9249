/**
 * What happened, from when to when, and in which trace. Names and outcomes only: nothing of what tenants store, send or
 * are answered, and no message of an error.
 */
export interface Span {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly id: string;
  /** The span that this one is a part of, here or in the caller. */
  readonly parentId?: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** The name of the error that it ended with. */
  readonly error?: string;
}

/** Hears of spans when they are over. */
export interface Tracer {
  /** Takes no time, and never throws. */
  tell(span: Span): void;
  /** Sends what has been told of. Takes a second at most; never rejects. */
  flush(): Promise<void>;
}
