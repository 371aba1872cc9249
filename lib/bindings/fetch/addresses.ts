import { isIPv4, isIPv6 } from 'node:net';

/**
 * What kind of place an address leads to. `private` are those of somebody's own network, shared address space (CGNAT)
 * and unique local IPv6 among them; `reserved` is whatever is no ordinary destination on the Internet.
 */
export type AddressKind =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link_local'
  | 'metadata'
  | 'multicast'
  | 'unspecified'
  | 'reserved';

type Range = readonly [prefix: string, bits: number, kind: AddressKind];

/** The first that fits holds. Sources: IANA special-purpose address registries; the clouds' documents on metadata. */
const IPV4_RANGES: readonly Range[] = [
  ['169.254.169.254', 32, 'metadata'],
  ['169.254.170.2', 32, 'metadata'],
  ['169.254.170.23', 32, 'metadata'],
  ['100.100.100.200', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link_local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

const IPV6_RANGES: readonly Range[] = [
  ['fd00:ec2::', 32, 'metadata'],
  ['fd20:ce::254', 128, 'metadata'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link_local'],
  ['ff00::', 8, 'multicast'],
  // Teredo, ORCHID, 6to4 and documentation stand within what is otherwise global.
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'reserved'],
  ['2002::', 16, 'reserved'],
  ['3fff::', 20, 'reserved'],
  ['2000::', 3, 'public'],
  ['::', 0, 'reserved'],
];

/** An IPv4 address stands in the last four bytes of these: IPv4-mapped, and NAT64. */
const EMBEDDING_PREFIXES: readonly (readonly [prefix: string, bits: number])[] = [
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
];

/** `address` in any spelling of a literal, without brackets. What is no address is `reserved`. */
export const kindOfAddress = (address: string): AddressKind => {
  if (isIPv4(address)) return kindIn(IPV4_TABLE, ipv4Bytes(address));
  // A zone (`%eth0`) belongs to link-local addresses only.
  if (!isIPv6(address)) return 'reserved';
  if (address.includes('%')) return 'link_local';
  const bytes = ipv6Bytes(address);
  if (EMBEDDING_TABLE.some((range) => isWithin(bytes, range))) return kindIn(IPV4_TABLE, bytes.slice(12));
  return kindIn(IPV6_TABLE, bytes);
};

interface Prefix {
  readonly bytes: readonly number[];
  readonly bits: number;
}

const kindIn = (table: readonly (Prefix & { readonly kind: AddressKind })[], bytes: readonly number[]): AddressKind =>
  table.find((range) => isWithin(bytes, range))?.kind ?? 'public';

const isWithin = (bytes: readonly number[], { bytes: prefix, bits }: Prefix): boolean => {
  for (let index = 0; index * 8 < bits; index++) {
    const rest = Math.min(8, bits - index * 8);
    const mask = (0xff << (8 - rest)) & 0xff;
    if (((bytes[index] ?? 0) & mask) !== ((prefix[index] ?? 0) & mask)) return false;
  }
  return true;
};

const ipv4Bytes = (address: string): readonly number[] => address.split('.').map(Number);

/** 16 bytes of an address that `isIPv6` has found right. */
const ipv6Bytes = (address: string): readonly number[] => {
  const [head = '', tail] = address.split('::');
  const before = groupBytes(head);
  const after = groupBytes(tail ?? '');
  const zeros = tail === undefined ? 0 : 16 - before.length - after.length;
  return [...before, ...Array<number>(zeros).fill(0), ...after];
};

const groupBytes = (groups: string): number[] =>
  groups === ''
    ? []
    : groups.split(':').flatMap((group) => {
        if (group.includes('.')) return ipv4Bytes(group);
        const value = Number.parseInt(group, 16);
        return [value >> 8, value & 0xff];
      });

const IPV4_TABLE = IPV4_RANGES.map(([prefix, bits, kind]) => ({ bytes: ipv4Bytes(prefix), bits, kind }));
const IPV6_TABLE = IPV6_RANGES.map(([prefix, bits, kind]) => ({ bytes: ipv6Bytes(prefix), bits, kind }));
const EMBEDDING_TABLE = EMBEDDING_PREFIXES.map(([prefix, bits]) => ({ bytes: ipv6Bytes(prefix), bits }));
