import { lookup } from 'node:dns/promises';

/** From a name to its addresses, as literals; none where there is no such name. */
export interface HostResolver {
  resolve(host: string): Promise<readonly string[]>;
}

/** The machine's own: its hosts file, then DNS. */
export const systemResolver: HostResolver = {
  resolve: async (host) => (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address),
};
