import type { Version } from '../../../client/operations.ts';
import { sizeText, versionText } from '../../../client/wording.ts';
import { useResource } from '../../api/use-resource.ts';
import { Ago } from '../../parts/ago.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loading } from '../../parts/loading.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Pager } from '../../parts/pager.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import type { ViewProps } from '../view.ts';

export const VersionList = ({ tenant, query: { cursor } }: ViewProps) => {
  const { client } = currentSession();
  const { value, error } = useResource(
    () => client.call('GET /v1/tenants/{tenant}/versions', { path: { tenant }, query: { ...(cursor && { cursor }) } }),
    [tenant, cursor],
  );
  const parts = ['t', tenant, 'versions'];
  const versions = value?.versions ?? [];
  return (
    <>
      <PageHead
        title="Versions"
        about="What was deployed, newest first. New instances take the active one; those that exist keep theirs."
      >
        {versions.length > 1 && (
          <a class="button" href={linkTo([...parts, 'compare'])}>
            Compare two
          </a>
        )}
      </PageHead>
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="versions" />}
      {value !== undefined && versions.length === 0 && (
        <Empty
          title="No version yet"
          actions={
            <a class="button primary" href={linkTo(['t', tenant, 'playground'])}>
              Write a workflow in the playground
            </a>
          }
        >
          Or deploy one: <code>tenon deploy workflow.ts --tenant {tenant}</code>
        </Empty>
      )}
      {versions.length > 0 && (
        <DataTable
          caption="Versions, newest first"
          columns={columnsOf(parts, versions)}
          rows={versions}
          keyOf={({ version }) => version}
        />
      )}
      <Pager parts={parts} query={{ cursor }} next={value?.cursor} />
    </>
  );
};

const columnsOf = (parts: readonly string[], versions: readonly Version[]): readonly Column<Version>[] => {
  const active = versions.find((one) => one.active);
  return [
    {
      title: 'Version',
      isName: true,
      cell: ({ version }) => (
        <a class="id" href={linkTo([...parts, version])} title={version}>
          {versionText(version)}
        </a>
      ),
    },
    {
      title: 'State',
      cell: (version) => (version.active ? <StatusBadge status="active" /> : <span class="quiet">–</span>),
    },
    { title: 'Deployed', cell: ({ createdAt }) => <Ago at={createdAt} /> },
    { title: 'Holds', cell: (version) => contentsOf(version) },
    { title: 'Size', kind: 'number', cell: ({ size }) => sizeText(size) },
    {
      title: 'Act',
      kind: 'actions',
      cell: ({ version, active: isActive, createdAt }) =>
        !isActive && (
          <span class="actions">
            {active !== undefined && (
              <a
                class="button"
                href={linkTo([...parts, 'compare'], { from: active.version, to: version })}
                aria-label={`Compare ${versionText(version)} with the active version`}
              >
                Compare
              </a>
            )}
            <a
              class="button"
              href={linkTo([...parts, version, 'activate'])}
              aria-label={`${deedOf(createdAt, active)} ${versionText(version)}`}
            >
              {deedOf(createdAt, active)} …
            </a>
          </span>
        ),
    },
  ];
};

/** Its workflows, and whether it answers requests. */
export const contentsOf = ({ workflows, hasFetch }: Pick<Version, 'workflows' | 'hasFetch'>): string =>
  [...workflows.map(({ name }) => name), ...(hasFetch ? ['default.fetch'] : [])].join(', ') || 'nothing';

/** Back goes who takes one that is older than the active. */
export const deedOf = (createdAt: string, active: Version | undefined): 'Activate' | 'Roll back to' =>
  active !== undefined && createdAt < active.createdAt ? 'Roll back to' : 'Activate';
