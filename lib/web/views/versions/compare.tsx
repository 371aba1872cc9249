import { versionText } from '../../../client/wording.ts';
import { useResource } from '../../api/use-resource.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loading } from '../../parts/loading.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Problem } from '../../parts/problem.tsx';
import { goTo, linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import type { ViewProps } from '../view.ts';
import { changedFiles } from './changed-files.ts';
import { FileDiff } from './file-diff.tsx';
import { useVersions } from './use-versions.ts';

/** What one version has otherwise than another, file by file. */
export const VersionCompare = ({ tenant, query }: ViewProps) => {
  const { client } = currentSession();
  const versions = useVersions(tenant);
  const newest = versions.value?.[0]?.version;
  const from = query.from ?? versions.value?.[1]?.version ?? newest;
  const to = query.to ?? newest;
  const sourceOf = async (version: string) =>
    (await client.call('GET /v1/tenants/{tenant}/versions/{version}/source', { path: { tenant, version } })).files;
  const files = useResource(
    async () =>
      from === undefined || to === undefined ? undefined : changedFiles(await sourceOf(from), await sourceOf(to)),
    [tenant, from, to],
  );
  const parts = ['t', tenant, 'versions'];
  const choice = (label: string, chosen: string | undefined, name: 'from' | 'to') => (
    <label>
      <span class="label">{label}</span>
      <select
        value={chosen}
        onChange={({ currentTarget }) => goTo([...parts, 'compare'], { from, to, [name]: currentTarget.value })}
      >
        {versions.value?.map(({ version, active, createdAt }) => (
          <option key={version} value={version}>
            {versionText(version)} · {new Date(createdAt).toLocaleString()}
            {active ? ' · active' : ''}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <PageHead title="Compare versions" about={<a href={linkTo(parts)}>All versions</a>} />
      <Problem error={versions.error ?? files.error} />
      {versions.value !== undefined && (
        <div class="filters">
          {choice('From', from, 'from')}
          {choice('to', to, 'to')}
        </div>
      )}
      {files.value === undefined && files.error === undefined && <Loading what="both sources" rows={10} />}
      {files.value?.length === 0 && <Empty title="They are the same">Choose two that differ.</Empty>}
      {files.value?.map((file) => (
        <FileDiff key={`${from} ${to} ${file.path}`} {...file} />
      ))}
    </>
  );
};
