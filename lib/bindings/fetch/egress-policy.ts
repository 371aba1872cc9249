import { isIP } from 'node:net';
import type { Egress } from '../../ports/tenant-store.ts';
import { BindingError } from '../binding-error.ts';
import { kindOfAddress } from './addresses.ts';

/** How a request may leave. */
export type Route =
  /** `isNamed`: the operator named this host itself, not by a wildcard and not by "public". */
  { readonly kind: 'direct'; readonly isNamed: boolean } | { readonly kind: 'gateway'; readonly gateway: URL };

const OPEN_PORTS = ['80', '443'];

/** The host of a URL as it is compared and connected to: no brackets, no final dot. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

export const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80');

/** @throws BindingError that says which rule refuses, and what the operator would have to change */
export const routeFor = (egress: Egress, url: URL): Route => {
  const host = hostOf(url);
  const port = portOf(url);
  if (egress === 'none') {
    throw new BindingError(
      `fetch to ${url.host} is refused: the tenant's egress policy is "none". The operator can allow it with { "allow": ["${url.host}"] } or "public".`,
    );
  }
  if (egress === 'public') {
    if (!OPEN_PORTS.includes(port)) {
      throw new BindingError(
        `fetch to ${url.host} is refused: the egress policy "public" reaches ports 80 and 443 only. The operator can name it: { "allow": ["${url.host}"] }.`,
      );
    }
    return { kind: 'direct', isNamed: false };
  }
  if ('gateway' in egress) return { kind: 'gateway', gateway: gatewayOf(egress.gateway, host) };
  const matches = egress.allow.map((entry) => matchOf(entry, host, port));
  if (matches.includes('exact')) return { kind: 'direct', isNamed: true };
  if (matches.includes('wildcard')) return { kind: 'direct', isNamed: false };
  throw new BindingError(
    `fetch to ${url.host} is refused: it is not on the tenant's allow-list. The operator can add "${url.host}" to it.`,
  );
};

const gatewayOf = (gateway: string, targetHost: string): URL => {
  // The gateway resolves names itself; what is a metadata address on the face of it does not even go there.
  if (isIP(targetHost) !== 0 && kindOfAddress(targetHost) === 'metadata') throw refusedAddress(targetHost, 'metadata');
  const url = URL.parse(gateway);
  if (url === null || !isHttp(url)) {
    throw new BindingError(
      "fetch is refused: the tenant's egress gateway is no URL of http or https. The operator can set another.",
    );
  }
  return url;
};

export const isHttp = (url: URL): boolean => url.protocol === 'http:' || url.protocol === 'https:';

/** `host`, `*.suffix`, each with an optional port; without one, 80 and 443. */
const matchOf = (entry: string, host: string, port: string): 'exact' | 'wildcard' | undefined => {
  const [, wildcard, name = '', entryPort] =
    /^(\*\.)?(\[[^\]]*\]|[^:/\\?#@[\]\s]*)(?::(\d{1,5}))?$/.exec(entry.trim()) ?? [];
  if (name === '') return undefined;
  if (entryPort === undefined ? !OPEN_PORTS.includes(port) : Number(entryPort) !== Number(port)) return undefined;
  // Spelled as a URL spells it: lower case, punycode, one form for each address.
  const url = URL.parse(`http://${name}/`);
  if (url === null) return undefined;
  const entryHost = hostOf(url);
  if (wildcard === undefined) return host === entryHost ? 'exact' : undefined;
  return isIP(host) === 0 && host.endsWith(`.${entryHost}`) ? 'wildcard' : undefined;
};

/**
 * Every address that a name leads to must be allowed, since any of them may be connected to.
 * @throws BindingError
 */
export const checkAddresses = (
  host: string,
  addresses: readonly string[],
  { isNamed, allowsPrivate }: { readonly isNamed: boolean; readonly allowsPrivate: boolean },
): void => {
  for (const address of addresses) {
    const kind = kindOfAddress(address);
    if (kind === 'public') continue;
    if ((kind === 'loopback' || kind === 'private') && isNamed && allowsPrivate) continue;
    throw refusedAddress(host, kind);
  }
};

const refusedAddress = (host: string, kind: Exclude<ReturnType<typeof kindOfAddress>, 'public'>): BindingError => {
  switch (kind) {
    case 'loopback':
    case 'private':
      return new BindingError(
        `fetch to ${host} is refused: it leads into a private network. The operator must name the host itself in the tenant's egress policy and run the service with --allow-private-egress.`,
      );
    case 'metadata':
      return new BindingError(`fetch to ${host} is refused: it leads to a metadata service, which no policy opens.`);
    case 'link_local':
    case 'multicast':
    case 'unspecified':
    case 'reserved':
      return new BindingError(
        `fetch to ${host} is refused: it leads to an address that is no public one, which no policy opens.`,
      );
  }
};
