import type { Instance } from '../../client/operations.ts';
import { versionText } from '../../client/wording.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Moment } from '../parts/moment.tsx';
import { linkTo } from '../router.ts';

const TRACE_CHARS = 10;

/** By what it runs, and when. */
export const InstanceFacts = ({ instance, tenant }: { readonly instance: Instance; readonly tenant: string }) => {
  const { traceId } = instance.metadata;
  return (
    <dl class="instance-facts">
      <div>
        <dt>Version</dt>
        <dd>
          <a href={linkTo(['t', tenant, 'versions', instance.version])} title={instance.version}>
            <code>{versionText(instance.version)}</code>
          </a>
        </dd>
      </div>
      <div>
        <dt>Created</dt>
        <dd>
          <Moment at={instance.createdAt} /> by {instance.trigger.source}
        </dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>
          <Moment at={instance.startedAt} />
        </dd>
      </div>
      {instance.endedAt !== undefined && (
        <div>
          <dt>Ended</dt>
          <dd>
            <Moment at={instance.endedAt} />
          </dd>
        </div>
      )}
      {typeof traceId === 'string' && (
        <div>
          <dt>Trace</dt>
          <dd>
            <span class="id" title={traceId}>
              {traceId.slice(0, TRACE_CHARS)}…
            </span>{' '}
            <CopyButton text={() => traceId} label="Copy trace id" />
          </dd>
        </div>
      )}
    </dl>
  );
};
