import { countText } from '../../client/wording.ts';
import type { Connection } from '../connection.ts';
import { painter, type Terminal } from '../terminal.ts';
import type { Listed } from './choose-instances.ts';
import { followTenant, MAX_FOLLOWED } from './follow-tenant.ts';
import { MergeByTime } from './merge-by-time.ts';
import { SteadyClient } from './steady-client.ts';
import { isShown, lineText, type TailFilter, type TailLine } from './tail-line.ts';

export interface ShownTail {
  readonly connection: Connection;
  readonly terminal: Terminal;
  readonly filter?: TailFilter;
  /** Its instances alone, and no requests. */
  readonly workflow?: string | undefined;
  /** @default every instance */
  readonly wants?: (instance: Listed) => boolean;
}

/** Prints what comes from now on, until `signal`. @throws RefusedError, UnreachableError before it has begun */
export const showTail = async (tail: ShownTail, signal: AbortSignal): Promise<void> => {
  const { connection, terminal, filter = {}, workflow, wants = () => true } = tail;
  const paint = painter(terminal.isColoured);
  const show = (line: TailLine) => (connection.isJson ? JSON.stringify(line.told) : lineText(line, paint));
  const merged = new MergeByTime<TailLine>((line) => terminal.print(show(line)));
  // The first call is made once: who has mistaken the address is to hear so.
  let since = terminal.now();
  await connection.client.call('GET', connection.tenantPath(), {
    onServerTime: (at) => {
      since = at;
    },
  });
  terminal.complain('Following; Ctrl-C ends.');
  const params = {
    client: new SteadyClient(connection.client, (text) => terminal.complain(text)),
    connection,
    since,
    workflow,
    wants,
    onLines: (lines: readonly TailLine[]) => {
      const shown = lines.filter((line) => isShown(line, filter));
      merged.add(connection.isJson ? eachToldOnce(shown) : shown);
    },
    onLeftOut: (left: LeftOut) => terminal.complain(leftOutText(left)),
  };
  try {
    await followTenant(params, signal);
  } finally {
    merged.flush();
  }
};

/** As JSON a request is one line, with all that it has said. */
const eachToldOnce = (lines: readonly TailLine[]): readonly TailLine[] => [
  ...new Map(lines.map((line) => [line.told, line])).values(),
];

interface LeftOut {
  readonly instances: number;
  readonly workflows: number;
}

const leftOutText = ({ instances, workflows }: LeftOut): string => {
  const parts = [
    ...(instances > 0 ? [countText(instances, 'instance')] : []),
    ...(workflows > 0 ? [countText(workflows, 'workflow')] : []),
  ];
  return `${parts.join(' and ')} left out: ${MAX_FOLLOWED} instances at once is the most. --workflow <name> follows those of one.`;
};
