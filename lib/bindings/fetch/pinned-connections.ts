import { isIP, type LookupFunction } from 'node:net';
import { type Dispatcher, Pool } from 'undici';

/** Pools that are kept; beyond, the one unused for longest is let go. */
const MAX_POOLS = 256;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_MS = 4_000;

export interface Destination {
  readonly tenant: string;
  /** `http://host:port`: what is asked for, in `Host` and in the certificate. */
  readonly origin: string;
  /** What is connected to: the addresses that were checked, and no other. */
  readonly addresses: readonly string[];
}

/**
 * Kept-alive connections, each pinned to addresses that were checked for its tenant. A name that leads elsewhere by now
 * has another pool, and no tenant ever uses a connection that another one was allowed to open.
 */
export class PinnedConnections {
  readonly #pools = new Map<string, Pool>();

  to({ tenant, origin, addresses }: Destination): Dispatcher {
    const key = [tenant, origin, ...addresses.toSorted()].join(' ');
    const pool = this.#pools.get(key) ?? open(origin, addresses);
    // Put last: the first in line is the one unused for longest.
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    for (const [oldKey, old] of this.#pools) {
      if (this.#pools.size <= MAX_POOLS) break;
      this.#pools.delete(oldKey);
      void old.close();
    }
    return pool;
  }

  /** Ends what is in progress. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }
}

const open = (origin: string, addresses: readonly string[]): Pool =>
  new Pool(origin, {
    connections: 32,
    allowH2: false,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    // The gateway's own deadline covers the whole request.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { lookup: pinnedLookup(addresses), timeout: CONNECT_TIMEOUT_MS, autoSelectFamily: true },
  });

/** Asked in the place of DNS when a socket is opened. */
const pinnedLookup = (addresses: readonly string[]): LookupFunction => {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = found;
    if (first === undefined) callback(new Error('no address'), '', 0);
    else if (options.all === true) callback(null, found);
    else callback(null, first.address, first.family);
  };
};
