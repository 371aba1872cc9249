import { describe, expect, it } from 'vitest';
import { type AddressKind, kindOfAddress } from '../../../lib/bindings/fetch/addresses.ts';

const EXPECTED: readonly (readonly [AddressKind, readonly string[]])[] = [
  ['public', ['1.1.1.1', '8.8.8.8', '93.184.215.14', '172.15.255.255', '172.32.0.1', '100.63.255.255', '11.0.0.1']],
  ['public', ['2606:4700:4700::1111', '2a00:1450:4001::8', '::ffff:8.8.8.8', '64:ff9b::808:808']],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1']],
  ['loopback', ['64:ff9b::7f00:1', '64:ff9b::127.0.0.1']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.255']],
  ['private', ['fc00::1', 'fd12:3456::1', '::ffff:10.0.0.1', '64:ff9b::a00:1']],
  ['link_local', ['169.254.0.1', '169.254.100.1', 'fe80::1', 'febf::1', 'fe80::1%eth0', '::ffff:169.254.1.1']],
  ['metadata', ['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16']],
  ['metadata', ['fd00:ec2::254', 'fd00:ec2::23', 'fd00:0ec2:0:0:0:0:0:254', 'fd20:ce::254']],
  ['metadata', ['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1']],
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0']],
  ['reserved', ['192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.9', '240.0.0.1', '255.255.255.255']],
  ['reserved', ['::127.0.0.1', '2001::1', '2001:db8::1', '2002:7f00:1::', '2002:a00:1::1', '64:ff9b:1::7f00:1']],
  ['reserved', ['fec0::1', '100::1', '3fff::1', '::ffff:0:127.0.0.1', '4000::1']],
  ['reserved', ['', 'localhost', '127.1', '0x7f000001', '2130706433', '[::1]', '1.2.3.4.5']],
];

describe('the kind of an address', () => {
  it.each(EXPECTED.flatMap(([kind, addresses]) => addresses.map((address) => [address, kind] as const)))(
    '%s is %s',
    (address, kind) => {
      expect(kindOfAddress(address)).toBe(kind);
    },
  );
});
