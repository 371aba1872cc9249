import { describe, expect, it } from 'vitest';
import { createSseParser } from '../../lib/web/api/sse-parser.ts';

const STREAM =
  '\uFEFFretry: 250\n\nid: 1\nevent: step_started\ndata: {"a":1}\n\n:\n\nid: 2\r\ndata: one\r\ndata: two\r\n\r\ndata\rid\r\rid: 3\ndata: ü😀\n\n';

const MESSAGES = [
  { id: '1', event: 'step_started', data: '{"a":1}' },
  { id: '2', event: 'message', data: 'one\ntwo' },
  { id: '', event: 'message', data: '' },
  { id: '3', event: 'message', data: 'ü😀' },
];

describe('the parser of server-sent events', () => {
  it('reads messages, whatever ends their lines, and the server’s wish for the next try', () => {
    const parser = createSseParser();
    expect(parser.push(STREAM)).toEqual(MESSAGES);
    expect([parser.lastEventId, parser.retryMs]).toEqual(['3', 250]);
  });

  it('reads the same wherever the stream is cut', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      const parser = createSseParser();
      expect([...parser.push(STREAM.slice(0, at)), ...parser.push(STREAM.slice(at))]).toEqual(MESSAGES);
    }
  });

  it('reads the same character by character', () => {
    const parser = createSseParser();
    expect([...STREAM].flatMap((char) => parser.push(char))).toEqual(MESSAGES);
  });

  it('takes what is not complete for no message, and its number as not seen', () => {
    const parser = createSseParser();
    parser.push('id: 1\ndata: a\n\n');
    expect(parser.push('id: 2\ndata: b\n')).toEqual([]);
    expect(parser.lastEventId).toBe('1');
  });

  it('passes over what the standard says to pass over', () => {
    const parser = createSseParser();
    expect(parser.push('retry: soon\nid: a\0b\nwhat: ever\n: a comment\ndata:  two spaces\n\n')).toEqual([
      { id: undefined, event: 'message', data: ' two spaces' },
    ]);
    expect(parser.retryMs).toBeUndefined();
  });
});
