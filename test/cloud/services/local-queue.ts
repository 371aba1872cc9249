import { randomUUID } from 'node:crypto';
import { AwsError, type QueueMessage } from '../contract.ts';
import { Timers } from './timers.ts';

/** A message as it lies in the queue. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly groupId?: string;
  /** Epoch ms; kept when it moves to a dead-letter queue. */
  readonly sentAt: number;
  /** Nobody gets it before then. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
}

export interface QueueSettings {
  readonly visibilityTimeoutMs: number;
  readonly retentionMs: number;
  readonly maxReceiveCount: number;
  /** Takes a message that was received too often. */
  readonly moveToDeadLetters?: (message: StoredMessage) => void;
}

interface Waiter {
  readonly max: number;
  readonly visibilityTimeoutMs: number;
  readonly resolve: (messages: readonly QueueMessage[]) => void;
  readonly giveUp: () => void;
}

const RECEIPT = /^receipt-[0-9a-f-]{36}$/;

/**
 * A standard queue. Groups take turns: the next message is the oldest of the group that has the fewest in flight, so that
 * a group with many waits behind the others. A message without a group is a group of its own.
 */
export class LocalQueue {
  readonly #settings: QueueSettings;
  readonly #timers = new Timers();
  #messages: StoredMessage[] = [];
  /** Only a message's newest receipt counts. */
  readonly #receipts = new Map<string, StoredMessage>();
  readonly #receiptOf = new Map<StoredMessage, string>();
  readonly #waiters = new Set<Waiter>();
  #stopWaking: () => void = () => {};
  #isClosed = false;

  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  add(message: StoredMessage): void {
    this.#messages.push(message);
    this.#serve();
  }

  /** @throws Error once it is closed, so that nobody asks it again and again for nothing */
  async receive(params: {
    readonly max: number;
    readonly waitMs: number;
    readonly visibilityTimeoutMs?: number;
  }): Promise<readonly QueueMessage[]> {
    if (this.#isClosed) throw new Error('The local cloud is closed.');
    const { max, waitMs } = params;
    const visibilityTimeoutMs = params.visibilityTimeoutMs ?? this.#settings.visibilityTimeoutMs;
    const ready = this.#take(max, visibilityTimeoutMs);
    if (ready.length > 0 || waitMs <= 0) return ready;
    return new Promise((resolve) => {
      const end = (messages: readonly QueueMessage[]): void => {
        stopTimer();
        this.#waiters.delete(waiter);
        resolve(messages);
      };
      const stopTimer = this.#timers.after(waitMs, () => end([]));
      const waiter: Waiter = { max, visibilityTimeoutMs, resolve: end, giveUp: () => end([]) };
      this.#waiters.add(waiter);
      this.#serve();
    });
  }

  /** An outdated receipt removes nothing, and is no error. @throws AwsError `ReceiptHandleIsInvalid` */
  remove(receiptHandle: string): void {
    const message = this.#find(receiptHandle);
    if (message === undefined) return;
    this.#forget(message);
    this.#messages = this.#messages.filter((other) => other !== message);
  }

  /** @throws AwsError `ReceiptHandleIsInvalid`, `MessageNotInflight` */
  changeVisibility(receiptHandle: string, delayMs: number): void {
    const message = this.#find(receiptHandle);
    if (message === undefined || message.visibleAt <= Date.now()) {
      throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
    }
    message.visibleAt = Date.now() + delayMs;
    this.#serve();
  }

  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    const now = Date.now();
    const hidden = this.#messages.filter(({ visibleAt }) => visibleAt > now);
    const delayed = hidden.filter((message) => !this.#receiptOf.has(message)).length;
    return { visible: this.#messages.length - hidden.length, inFlight: hidden.length - delayed, delayed };
  }

  /** Of all messages that lie here, in flight or not. */
  bodies(): readonly string[] {
    return this.#messages.map(({ body }) => body);
  }

  /** Whoever waits gets nothing. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiters) waiter.giveUp();
    this.#timers.close();
  }

  #find(receiptHandle: string): StoredMessage | undefined {
    if (!RECEIPT.test(receiptHandle)) {
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is not a valid receipt handle.');
    }
    return this.#receipts.get(receiptHandle);
  }

  #forget(message: StoredMessage): void {
    const receipt = this.#receiptOf.get(message);
    if (receipt !== undefined) this.#receipts.delete(receipt);
    this.#receiptOf.delete(message);
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      const ready = this.#take(waiter.max, waiter.visibilityTimeoutMs);
      if (ready.length === 0) break;
      waiter.resolve(ready);
    }
    this.#stopWaking();
    if (this.#waiters.size === 0) return;
    const next = this.#messages.reduce((least, { visibleAt }) => Math.min(least, visibleAt), Number.POSITIVE_INFINITY);
    if (next < Number.POSITIVE_INFINITY) this.#stopWaking = this.#timers.after(next - Date.now(), () => this.#serve());
  }

  #take(max: number, visibilityTimeoutMs: number): readonly QueueMessage[] {
    const now = Date.now();
    this.#dropOld(now);
    const groups = new Map<string, { waiting: StoredMessage[]; inFlight: number }>();
    for (const message of this.#messages) {
      const name = message.groupId === undefined ? `message ${message.id}` : `group ${message.groupId}`;
      const group = groups.get(name) ?? { waiting: [], inFlight: 0 };
      groups.set(name, group);
      if (message.visibleAt <= now) group.waiting.push(message);
      else if (this.#receiptOf.has(message)) group.inFlight += 1;
    }
    const taken: QueueMessage[] = [];
    while (taken.length < max) {
      const ready = [...groups.values()].filter(({ waiting }) => waiting.length > 0);
      const [group] = ready.toSorted((a, b) => a.inFlight - b.inFlight || ageOf(a.waiting) - ageOf(b.waiting));
      const message = group?.waiting.shift();
      if (group === undefined || message === undefined) break;
      if (this.#isWornOut(message)) continue;
      group.inFlight += 1;
      taken.push(this.#handOut(message, now, visibilityTimeoutMs));
    }
    return taken;
  }

  #dropOld(now: number): void {
    const isOld = ({ sentAt }: StoredMessage): boolean => sentAt + this.#settings.retentionMs <= now;
    for (const message of this.#messages.filter(isOld)) this.#forget(message);
    this.#messages = this.#messages.filter((message) => !isOld(message));
  }

  #isWornOut(message: StoredMessage): boolean {
    const { maxReceiveCount, moveToDeadLetters } = this.#settings;
    if (moveToDeadLetters === undefined || message.receiveCount < maxReceiveCount) return false;
    this.#forget(message);
    this.#messages = this.#messages.filter((other) => other !== message);
    moveToDeadLetters(message);
    return true;
  }

  #handOut(message: StoredMessage, now: number, visibilityTimeoutMs: number): QueueMessage {
    this.#forget(message);
    const receiptHandle = `receipt-${randomUUID()}`;
    this.#receipts.set(receiptHandle, message);
    this.#receiptOf.set(message, receiptHandle);
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.visibleAt = now + visibilityTimeoutMs;
    return {
      messageId: message.id,
      receiptHandle,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
        SentTimestamp: String(message.sentAt),
        ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
      },
    };
  }
}

const ageOf = ([first]: readonly StoredMessage[]): number => first?.sentAt ?? 0;
