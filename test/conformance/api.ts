import assert from 'node:assert/strict';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: checks read answers of many shapes, and assert what they find
  readonly body: any;
}

export interface RequestParts {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: no key. */
  readonly key?: string | null;
}

/** Calls the contract and hides nothing of the answer. */
export class Api {
  readonly url: string;
  readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  async call(method: string, path: string, parts: RequestParts = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...parts.headers };
    const key = parts.key === undefined ? this.key : parts.key;
    if (key !== null && headers.authorization === undefined) headers.authorization = `Bearer ${key}`;
    if (parts.json !== undefined) headers['content-type'] ??= 'application/json';
    const body = parts.json === undefined ? parts.raw : JSON.stringify(parts.json);
    const response = await fetch(path.startsWith('http') ? path : `${this.url}${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(40_000),
    });
    const text = await response.text();
    let parsed: unknown;
    try {
      parsed = text === '' ? undefined : JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  /** A call that has to succeed with that status. */
  async expect(status: number, method: string, path: string, parts: RequestParts = {}): Promise<Answer> {
    const answer = await this.call(method, path, parts);
    assert.equal(answer.status, status, `${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
    return answer;
  }

  /** A call that has to be refused as a problem with that status and code. */
  async refused(status: number, code: string, method: string, path: string, parts: RequestParts = {}): Promise<Answer> {
    const answer = await this.call(method, path, parts);
    const told = `${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`;
    assert.equal(answer.status, status, told);
    assert.equal(answer.body?.code, code, told);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, told);
    for (const field of ['type', 'title', 'detail'])
      assert.equal(typeof answer.body[field], 'string', `${field}: ${told}`);
    assert.equal(answer.body.status, status, told);
    assert.doesNotMatch(answer.text, /node_modules|\.ts:\d+|node:internal/, `internals leak: ${told}`);
    return answer;
  }
}
