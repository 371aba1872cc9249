import { describe, expect, it } from 'vitest';
import { readPublicUrl } from '../../lib/cli/public-url.ts';

describe('--public-url', () => {
  it.each([
    ['https://tenon.example.com', 'https://tenon.example.com'],
    ['https://tenon.example.com/', 'https://tenon.example.com'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
  ])('%s leads to %s', (text, origin) => {
    expect(readPublicUrl(text)).toBe(origin);
  });

  it.each(['tenon.example.com', 'ftp://tenon.example.com', 'https://tenon.example.com/a', 'https://a:b@host', ''])(
    'is refused as "%s"',
    (text) => {
      expect(() => readPublicUrl(text)).toThrow('--public-url is a scheme and a host');
    },
  );
});
