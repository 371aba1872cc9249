import { describe, expect, it } from 'vitest';
import { routeFor } from '../../../lib/bindings/fetch/egress-policy.ts';
import type { Egress } from '../../../lib/ports/tenant-store.ts';

const route = (egress: Egress, url: string) => routeFor(egress, new URL(url));
const isAllowed = (entry: string, url: string): boolean => {
  try {
    route({ allow: [entry] }, url);
    return true;
  } catch {
    return false;
  }
};

describe('an egress policy', () => {
  it('of none refuses everything and says what the operator can change', () => {
    expect(() => route('none', 'https://api.example.com/x')).toThrow(
      'fetch to api.example.com is refused: the tenant\'s egress policy is "none". The operator can allow it with { "allow": ["api.example.com"] } or "public".',
    );
  });

  it('of "public" reaches ports 80 and 443', () => {
    for (const url of ['http://example.com/', 'https://example.com/', 'https://example.com:80/']) {
      expect(route('public', url)).toEqual({ kind: 'direct', isNamed: false });
    }
    expect(() => route('public', 'http://example.com:8080/')).toThrow('ports 80 and 443 only');
  });

  it('of a gateway sends everything there', () => {
    const gateway = 'http://gateway.internal:3128/out';
    expect(route({ gateway }, 'https://example.com:9/')).toEqual({ kind: 'gateway', gateway: new URL(gateway) });
    expect(() => route({ gateway: 'ftp://x/' }, 'https://example.com/')).toThrow('gateway is no URL of http or https');
  });

  it('of a gateway does not send it what names a metadata address', () => {
    const send = (url: string) => () => route({ gateway: 'http://gateway.internal/' }, url);
    expect(send('http://169.254.169.254/')).toThrow('metadata service');
    expect(send('http://[fd00:ec2::254]/')).toThrow('metadata service');
  });

  it('of an allow-list tells hosts that are named from those that a wildcard lets through', () => {
    const egress = { allow: ['*.example.org', 'a.example.org'] };
    expect(route(egress, 'https://a.example.org/')).toEqual({ kind: 'direct', isNamed: true });
    expect(route(egress, 'https://b.example.org/')).toEqual({ kind: 'direct', isNamed: false });
  });

  it('of an allow-list names the host that is missing', () => {
    expect(() => route({ allow: ['example.com'] }, 'http://example.com:8080/')).toThrow(
      'The operator can add "example.com:8080" to it.',
    );
  });
});

describe('an entry of an allow-list', () => {
  it.each([
    ['example.com', 'http://example.com/'],
    ['example.com', 'https://example.com/'],
    ['EXAMPLE.com', 'https://Example.COM/'],
    ['example.com', 'https://example.com./'],
    ['example.com:8080', 'http://example.com:8080/'],
    ['example.com:443', 'https://example.com/'],
    ['*.example.com', 'https://a.b.example.com/'],
    ['*.example.com:9000', 'http://a.example.com:9000/'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['127.0.0.1:9000', 'http://127.0.0.1:9000/'],
    ['127.0.0.1:9000', 'http://2130706433:9000/'],
    ['127.0.0.1:9000', 'http://0x7f.1:9000/'],
    ['127.0.0.1:9000', 'http://0177.0.0.1:9000/'],
    ['[::1]:9000', 'http://[0:0::1]:9000/'],
  ])('%s lets %s through', (entry, url) => {
    expect(isAllowed(entry, url)).toBe(true);
  });

  it.each([
    ['example.com', 'https://example.com:8443/'],
    ['example.com', 'https://www.example.com/'],
    ['example.com', 'https://example.com.evil.test/'],
    ['example.com', 'https://notexample.com/'],
    ['example.com', 'https://example.com@evil.test/'],
    ['example.com:8080', 'http://example.com/'],
    ['*.example.com', 'https://example.com/'],
    ['*.example.com', 'https://badexample.com/'],
    ['*.0.0.1', 'http://127.0.0.1/'],
    ['*', 'https://example.com/'],
    ['*.', 'https://example.com/'],
    ['', 'https://example.com/'],
    ['https://example.com', 'https://example.com/'],
    ['example.com/path', 'https://example.com/'],
    ['example.com:http', 'http://example.com/'],
    ['127.0.0.1:9000', 'http://127.0.0.2:9000/'],
  ])('%s does not let %s through', (entry, url) => {
    expect(isAllowed(entry, url)).toBe(false);
  });
});
