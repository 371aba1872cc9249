import type { InstanceItem } from '../../../client/operations.ts';
import { lengthText, versionText } from '../../../client/wording.ts';
import { now } from '../../clock.ts';
import { Ago } from '../../parts/ago.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { linkTo } from '../../router.ts';
import { waitText } from '../../text/wait-text.ts';

interface InstanceTableProps {
  readonly tenant: string;
  readonly workflow: string;
  readonly instances: readonly InstanceItem[];
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
}

export const InstanceTable = ({ tenant, workflow, instances, selected, onSelect }: InstanceTableProps) => {
  const toggle = (id: string): void => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  const isWhole = selected.size === instances.length;
  const columns: readonly Column<InstanceItem>[] = [
    {
      title: 'Selected',
      kind: 'select',
      head: (
        <input
          type="checkbox"
          aria-label="Select all that are shown"
          checked={isWhole}
          indeterminate={selected.size > 0 && !isWhole}
          onChange={() => onSelect(isWhole ? new Set() : new Set(instances.map(({ id }) => id)))}
        />
      ),
      cell: ({ id }) => (
        <input type="checkbox" aria-label={`Select ${id}`} checked={selected.has(id)} onChange={() => toggle(id)} />
      ),
    },
    {
      title: 'Instance',
      isName: true,
      cell: ({ id }) => (
        <a class="id" href={linkTo(['t', tenant, 'instances', workflow, id])}>
          {id}
        </a>
      ),
    },
    { title: 'Status', cell: ({ status }) => <StatusBadge status={status} /> },
    { title: 'Waits for', cell: (instance) => <Waits {...instance} /> },
    { title: 'Created', cell: ({ createdAt }) => <Ago at={createdAt} /> },
    { title: 'Took', cell: (instance) => <Took {...instance} /> },
    {
      title: 'Version',
      cell: ({ version }) => (
        <span class="id" title={version}>
          {versionText(version)}
        </span>
      ),
    },
  ];
  return (
    <DataTable
      caption={`Instances of ${workflow}, newest first`}
      columns={columns}
      rows={instances}
      keyOf={({ id }) => id}
      isSelected={({ id }) => selected.has(id)}
    />
  );
};

const MAX_WAITS = 2;

const Waits = ({ waitingFor }: InstanceItem) => {
  if (waitingFor.length === 0) return <span class="quiet">–</span>;
  const more = waitingFor.length - MAX_WAITS;
  return (
    <>
      {waitingFor
        .slice(0, MAX_WAITS)
        .map((wait) => waitText(wait, now.value))
        .join('; ')}
      {more > 0 && <span class="quiet"> and {more} more</span>}
    </>
  );
};

/** From its first turn to its end; of one that goes on, how long it has been at it. */
const Took = ({ startedAt, endedAt }: InstanceItem) => {
  if (startedAt === undefined) return <span class="quiet">–</span>;
  if (endedAt !== undefined) return <>{lengthText(Date.parse(endedAt) - Date.parse(startedAt))}</>;
  const ms = Math.floor((now.value - Date.parse(startedAt)) / 1_000) * 1_000;
  return <span class="quiet">{ms < 1_000 ? 'just begun' : `${lengthText(ms)} so far`}</span>;
};
