import type { Usage as UsageReport } from '../../client/operations.ts';
import { useResource } from '../api/use-resource.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import { moneyText } from '../text/wording.ts';
import { chargeColumns } from './usage/charge-columns.tsx';
import { UsagePlot } from './usage/plot.tsx';
import { everyDay, rangeOf } from './usage/range.ts';
import { RangePicker } from './usage/range-picker.tsx';
import type { ViewProps } from './view.ts';

export const Usage = ({ tenant, query }: ViewProps) => {
  const { client } = currentSession();
  const range = rangeOf(query, Date.now());
  const { value, error } = useResource(
    () =>
      client.call('GET /v1/tenants/{tenant}/usage', {
        path: { tenant },
        query: { from: `${range.from}T00:00:00.000Z`, to: `${range.to}T23:59:59.999Z` },
      }),
    [tenant, range.from, range.to],
  );
  return (
    <>
      <PageHead title="Usage" about="What was used and its price, by UTC days." />
      <RangePicker key={`${range.from}${range.to}`} parts={['t', tenant, 'usage']} range={range} />
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="usage" rows={8} />}
      {value !== undefined && <Report {...value} />}
    </>
  );
};

const Report = ({ from, to, total, currency, workflows, days }: UsageReport) => {
  if (days.every(({ units }) => Object.values(units).every((count) => count === 0))) {
    return <Empty title="Nothing was used in these days">Choose a wider range.</Empty>;
  }
  return (
    <>
      <section class="panel" aria-label="Price by day">
        <p class="total">
          {moneyText(total.price, currency)} <span class="quiet">in all</span>
        </p>
        <UsagePlot days={everyDay({ from, to }, days)} currency={currency} />
      </section>
      <h2>By workflow</h2>
      <DataTable
        caption="Usage by workflow"
        columns={[
          { title: 'Workflow', isName: true, cell: ({ workflow }) => workflow || 'outside of workflows' },
          ...chargeColumns(currency),
        ]}
        rows={[...workflows, { workflow: 'in all', ...total }]}
        keyOf={({ workflow }) => workflow}
      />
      <h2>By day</h2>
      <DataTable
        caption="Usage by day, newest first"
        columns={[{ title: 'Day', isName: true, cell: ({ day }) => day }, ...chargeColumns(currency)]}
        rows={days.toReversed()}
        keyOf={({ day }) => day}
      />
    </>
  );
};
