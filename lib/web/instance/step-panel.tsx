import { useState } from 'preact/hooks';
import type { Step } from '../../client/operations.ts';
import { lengthText } from '../../client/wording.ts';
import { Moment } from '../parts/moment.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { ValueTree } from '../parts/value-tree.tsx';
import { currentSession } from '../session.ts';
import { ErrorPanel } from './error-panel.tsx';
import type { InstancePath } from './instance-feed.ts';
import { KIND_NAMES, stepLabelOf } from './step-key.ts';

interface StepPanelProps {
  readonly step: Step;
  readonly path: InstancePath;
  readonly version: string;
  readonly onClose: () => void;
}

/** All that is known of one step. */
export const StepPanel = ({ step, path, version, onClose }: StepPanelProps) => (
  <section class="panel" aria-label={`Step ${step.name}`}>
    <header class="panel-head">
      <h2>{stepLabelOf(step)}</h2>
      <StatusBadge status={step.status} />
      <button type="button" class="small" onClick={onClose}>
        Close
      </button>
    </header>
    <dl class="facts">
      <dt>Kind</dt>
      <dd>
        {KIND_NAMES[step.type]}
        {step.eventType !== undefined && ` “${step.eventType}”`}
      </dd>
      <dt>Started</dt>
      <dd>
        <Moment at={step.startedAt} />
      </dd>
      <dt>Ended</dt>
      <dd>
        <Moment at={step.endedAt} />
      </dd>
      {step.until !== undefined && (
        <>
          <dt>Until</dt>
          <dd>
            <Moment at={step.until} />
          </dd>
        </>
      )}
      {step.config !== undefined && (
        <>
          <dt>Retries</dt>
          <dd>{retriesText(step.config)}</dd>
        </>
      )}
    </dl>
    <Attempts step={step} />
    <Approvals step={step} />
    <Output step={step} path={path} />
    {step.error !== undefined && <ErrorPanel error={step.error} tenant={path.tenant} version={version} />}
  </section>
);

const retriesText = ({ retries, timeout }: NonNullable<Step['config']>): string => {
  const delay = retries.delay === null ? 'delay by the code' : lengthText(retries.delay);
  return `up to ${retries.limit}, ${delay}, ${retries.backoff}; ${lengthText(timeout)} each`;
};

const Attempts = ({ step: { attempts } }: { readonly step: Step }) => {
  if (attempts.length < 2 && attempts[0]?.error === undefined) return null;
  return (
    <ol class="attempts" aria-label="Attempts">
      {attempts.map(({ number, startedAt, endedAt, error }) => (
        <li key={number}>
          <strong>Attempt {number}</strong>{' '}
          {endedAt === undefined ? 'is open' : `took ${lengthText(Date.parse(endedAt) - Date.parse(startedAt))}`}
          {error !== undefined && (
            <span class="bad">
              {' '}
              {error.name}: {error.message}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
};

const Approvals = ({ step: { approvals = [] } }: { readonly step: Step }) =>
  approvals.length === 0 ? null : (
    <ul class="attempts" aria-label="Approvals">
      {approvals.map(({ id, policy, call, status, reason, by }) => (
        <li key={id}>
          <strong>{policy}</strong> {call !== undefined && <code>{call}</code>} {status}
          {by !== undefined && ` by ${by}`}
          {reason !== undefined && `: ${reason}`}
        </li>
      ))}
    </ul>
  );

/** What it has given; one that was cut is fetched whole when it is asked for. */
const Output = ({ step, path }: { readonly step: Step; readonly path: InstancePath }) => {
  const { client } = currentSession();
  const [whole, setWhole] = useState<{ readonly step?: Step; readonly error?: unknown }>({});
  const load = async (): Promise<void> => {
    const { name, count, type } = step;
    try {
      setWhole({
        step: await client.call('GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/step', {
          path,
          query: { name, count, type },
        }),
      });
    } catch (error) {
      setWhole({ error });
    }
  };
  const shown = whole.step ?? step;
  if (shown.output === undefined) return null;
  const title = step.type === 'waitForEvent' ? 'Payload of the event' : 'Output';
  return (
    <>
      <h3>{title}</h3>
      {shown.truncated ? (
        <>
          <pre class="cut">{String(shown.output)}…</pre>
          <button type="button" onClick={load}>
            Load all of it
          </button>
          <Problem error={whole.error} />
        </>
      ) : (
        <ValueTree value={shown.output} label={title} />
      )}
    </>
  );
};
