import type { InstanceError } from '../../client/operations.ts';
import { useResource } from '../api/use-resource.ts';
import { currentSession } from '../session.ts';
import { CodeFrame } from './code-frame.tsx';
import { codeFrame, stackPlace } from './stack-place.ts';

interface ErrorPanelProps {
  readonly error: InstanceError;
  readonly tenant: string;
  readonly version: string;
}

/** What failed, and the line of the tenant's own source where it did. */
export const ErrorPanel = ({ error, tenant, version }: ErrorPanelProps) => (
  <section class="failure" aria-label="Error">
    <p>
      <strong>{error.name}</strong>: {error.message}
    </p>
    <FailingLine error={error} tenant={tenant} version={version} />
    {error.stack !== undefined && (
      <details>
        <summary>Stack</summary>
        <pre>{error.stack}</pre>
      </details>
    )}
  </section>
);

/** A source that is not kept any more leaves the place alone. */
const FailingLine = ({ error, tenant, version }: ErrorPanelProps) => {
  const { client } = currentSession();
  const place = stackPlace(error.stack);
  const hasPlace = place !== undefined;
  const source = useResource(
    async () =>
      hasPlace
        ? client.call('GET /v1/tenants/{tenant}/versions/{version}/source', { path: { tenant, version } })
        : undefined,
    [tenant, version, hasPlace],
  );
  if (place === undefined) return null;
  const file = source.value?.files.find(({ path }) => path === place.file);
  return <CodeFrame place={place} frame={file && codeFrame(file.text, place.line)} />;
};
