import type { Check } from '../../../client/operations.ts';
import { countText } from '../../../client/wording.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { linkTo } from '../../router.ts';

const COUNTS = ['checked', 'ok', 'diverged', 'failed', 'skipped'] as const;
const SHOWN = 100;

export const CheckReport = ({ tenant, check }: { readonly tenant: string; readonly check: Check }) => {
  const { status, counts, divergences } = check;
  return (
    <>
      <p role="status">
        <StatusBadge status={status} /> {sentenceOf(check)}
      </p>
      <dl class="tally">
        {COUNTS.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{counts[name]}</dd>
          </div>
        ))}
      </dl>
      {divergences.length > 0 && (
        <>
          <h3>
            Where the code goes another way than the journal{divergences.length === SHOWN && `: the first ${SHOWN}`}
          </h3>
          <DataTable
            caption="Divergences"
            rows={divergences}
            keyOf={({ workflow, instance, step }) => `${workflow} ${instance} ${step}`}
            columns={[
              {
                title: 'Instance',
                isName: true,
                cell: ({ workflow, instance }) => (
                  <a class="id" href={linkTo(['t', tenant, 'instances', workflow, instance])}>
                    {instance}
                  </a>
                ),
              },
              { title: 'Workflow', cell: ({ workflow }) => workflow },
              { title: 'At step', cell: ({ step }) => step },
              { title: 'Expected', cell: ({ expected }) => <span class="id">{expected}</span> },
              { title: 'Got', cell: ({ got }) => <span class="id">{got}</span> },
            ]}
          />
        </>
      )}
    </>
  );
};

const sentenceOf = ({ status, counts }: Check): string => {
  switch (status) {
    case 'running':
      return `${countText(counts.checked, 'instance')} replayed so far.`;
    case 'passed':
      return counts.checked === 0
        ? 'No instance is unfinished: there is nothing that this version could break.'
        : `${countText(counts.checked, 'unfinished instance')} would go on with this version as they began.`;
    case 'failed':
      return `${counts.diverged} of ${countText(counts.checked, 'unfinished instance')} would diverge with this version, and ${counts.failed} fail.`;
  }
};
