import { UsageError } from '../arguments.ts';
import { describeCloudflare } from '../peers/cloudflare.ts';
import { describeDbos } from '../peers/dbos.ts';
import { describeRestate } from '../peers/restate.ts';
import type { Comparison } from '../report.ts';
import { compareInRounds, type Observer, type RoundsOptions } from '../rounds.ts';
import type { System } from '../system.ts';
import { describeTenon, type TenonOptions } from '../tenon.ts';

export const title = 'Ten no-op steps, create to complete over HTTP, closed loop';

/** Each caller creates an instance of ten no-op steps, waits until it is complete, checks its output, and goes on. */
export function measureW1(
  options: RoundsOptions & Readonly<{ peers: readonly string[] }>,
  tenon: TenonOptions,
  observer: Observer,
): Promise<Comparison> {
  return compareInRounds(describeTenon(tenon), options.peers.map(peerNamed), options, observer);
}

function peerNamed(name: string): System {
  switch (name) {
    case 'cloudflare':
      return describeCloudflare();
    case 'restate':
      return describeRestate();
    case 'dbos':
      return describeDbos();
    default:
      throw new UsageError(`W1 has the peers cloudflare, restate and dbos, not "${name}"`);
  }
}
