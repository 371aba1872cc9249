import { countText, sizeText, versionText } from '../../../client/wording.ts';
import { useResource } from '../../api/use-resource.ts';
import { Ago } from '../../parts/ago.tsx';
import { Loading } from '../../parts/loading.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Problem } from '../../parts/problem.tsx';
import { ScrollArea } from '../../parts/scroll-area.tsx';
import { linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import { contentsOf, deedOf } from './list.tsx';
import { useVersions } from './use-versions.ts';

interface VersionDetailProps {
  readonly tenant: string;
  readonly version: string;
}

const LANGUAGES = {
  'text/typescript': 'one TypeScript file',
  'text/javascript': 'one JavaScript file',
  'application/zip': 'a zip archive',
};

/** What a version is, and what it was made from. */
export const VersionDetail = ({ tenant, version }: VersionDetailProps) => {
  const { client } = currentSession();
  const versions = useVersions(tenant);
  const source = useResource(
    () => client.call('GET /v1/tenants/{tenant}/versions/{version}/source', { path: { tenant, version } }),
    [tenant, version],
  );
  const found = versions.value?.find((one) => one.version === version);
  const active = versions.value?.find((one) => one.active);
  const parts = ['t', tenant, 'versions'];
  return (
    <>
      <PageHead title={<>Version {versionText(version)}</>} about={<a href={linkTo(parts)}>All versions</a>}>
        {found !== undefined && !found.active && (
          <>
            {active !== undefined && (
              <a class="button" href={linkTo([...parts, 'compare'], { from: active.version, to: version })}>
                Compare with the active one
              </a>
            )}
            <a class="button primary" href={linkTo([...parts, version, 'activate'])}>
              {deedOf(found.createdAt, active)} …
            </a>
          </>
        )}
      </PageHead>
      <Problem error={versions.error ?? source.error} />
      {found !== undefined && (
        <dl class="facts">
          <dt>Version</dt>
          <dd class="id">{version}</dd>
          <dt>State</dt>
          <dd>{found.active ? 'active: new instances take it' : 'not active'}</dd>
          <dt>Deployed</dt>
          <dd>
            <Ago at={found.createdAt} />
          </dd>
          <dt>Holds</dt>
          <dd>{contentsOf(found)}</dd>
          <dt>Made from</dt>
          <dd>
            {source.value === undefined
              ? sizeText(found.size)
              : `${LANGUAGES[source.value.contentType]}, ${countText(source.value.files.length, 'module')}, ${sizeText(found.size)}`}
          </dd>
          <dt>API level</dt>
          <dd>{found.apiLevel}</dd>
        </dl>
      )}
      {source.value === undefined && source.error === undefined && <Loading what="the source" rows={10} />}
      {source.value?.files.map(({ path, text }) => (
        <section key={path} aria-label={path}>
          <h2>{path}</h2>
          <ScrollArea label={`Text of ${path}`} class="source">
            <pre>{text}</pre>
          </ScrollArea>
        </section>
      ))}
    </>
  );
};
