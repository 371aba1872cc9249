import { useResource } from '../../api/use-resource.ts';
import { linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import { wordsOf } from '../../text/wording.ts';
import { type InstanceFilter, STATUSES } from './filter.ts';

/** As far as one page goes: who has more reads "200+", which is true and costs one query. */
const COUNTED = 200;
const REFRESH_MS = 15_000;

interface StatusCountsProps {
  readonly tenant: string;
  readonly workflow: string;
  readonly parts: readonly string[];
  readonly filter: InstanceFilter;
}

/** How many there are of each status within the time that is asked for, and the way to them. */
export const StatusCounts = ({ tenant, workflow, parts, filter }: StatusCountsProps) => {
  const { client } = currentSession();
  const { from, to } = filter;
  const count = async (status: (typeof STATUSES)[number]) => {
    const { instances, cursor } = await client.call('GET /v1/tenants/{tenant}/workflows/{workflow}/instances', {
      path: { tenant, workflow },
      query: { status, limit: COUNTED, ...(from && { from }), ...(to && { to }) },
    });
    return { status, count: instances.length, text: `${instances.length}${cursor === undefined ? '' : '+'}` };
  };
  const { value } = useResource(() => Promise.all(STATUSES.map(count)), [tenant, workflow, from, to], {
    everyMs: REFRESH_MS,
  });
  const shown = STATUSES.map((status) => value?.find((one) => one.status === status) ?? { status, count: 0, text: '' });
  const link = (status: string | undefined, text: string, counted: string) => (
    <li key={text}>
      <a
        href={linkTo(parts, { ...filter, cursor: undefined, status })}
        {...(filter.status === status && { 'aria-current': 'true' })}
      >
        {text} {counted !== '' && <b>{counted}</b>}
      </a>
    </li>
  );
  return (
    <nav aria-label="By status">
      <ul class="chips">
        {link(undefined, 'all', '')}
        {shown
          .filter(({ status, count: some }) => some > 0 || status === filter.status)
          .map(({ status, text }) => link(status, wordsOf(status), text))}
      </ul>
    </nav>
  );
};
