import { useEffect } from 'preact/hooks';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { ValueTree } from '../parts/value-tree.tsx';
import { changeTo, linkTo } from '../router.ts';
import { isFinal } from './available-actions.ts';
import { ErrorPanel } from './error-panel.tsx';
import { InstanceFacts } from './instance-facts.tsx';
import type { InstancePath } from './instance-feed.ts';
import { InstanceLead } from './instance-lead.tsx';
import { Logs } from './logs.tsx';
import { stepKeyOf } from './step-key.ts';
import { StepPanel } from './step-panel.tsx';
import { Timeline } from './timeline.tsx';
import { useInstance } from './use-instance.ts';
import { useLogs } from './use-logs.ts';

interface InstancePageProps {
  readonly path: InstancePath;
  /** Of the step that the address names. */
  readonly selectedKey: string | undefined;
}

/** One instance, as it goes on. */
export const InstancePage = ({ path, selectedKey }: InstancePageProps) => {
  const { instance, steps, hasMoreSteps, stream, life, error, refresh, begin, loadMore } = useInstance(path);
  const hasEnded = instance !== undefined && isFinal(instance.status);
  const lines = useLogs(path, { life, hasEnded });
  const select = (step: string | undefined) =>
    changeTo(['t', path.tenant, 'instances', path.workflow, path.id], { step });
  const selected = steps.find((step) => stepKeyOf(step) === selectedKey);
  useEffect(() => {
    const titleOfList = document.title;
    document.title = `${path.id} – Tenon`;
    return () => {
      document.title = titleOfList;
    };
  }, [path.id]);
  return (
    <div class="instance">
      <nav class="trail" aria-label="Where this is">
        <a href={linkTo(['t', path.tenant, 'instances'], { workflow: path.workflow })}>Instances of {path.workflow}</a>
      </nav>
      <div class="instance-title">
        <h1>{path.id}</h1>
        {instance !== undefined && <StatusBadge status={instance.status} />}
        {stream === 'reconnecting' && <span class="quiet">The server does not answer. Trying again …</span>}
      </div>
      {stream !== 'reconnecting' && <Problem error={error} />}
      {instance !== undefined && (
        <>
          <InstanceLead {...{ instance, steps, path, selected, refresh, begin }} />
          <InstanceFacts instance={instance} tenant={path.tenant} />
          <div class="instance-columns">
            <div class="instance-main">
              {instance.error !== undefined && (
                <ErrorPanel error={instance.error} tenant={path.tenant} version={instance.version} />
              )}
              <section class="panel timeline-panel" aria-label="Steps">
                <h2>Timeline</h2>
                {steps.length === 0 ? (
                  <p class="quiet">No step has begun yet.</p>
                ) : (
                  <Timeline
                    instance={instance}
                    steps={steps}
                    hasMoreSteps={hasMoreSteps}
                    selected={selectedKey}
                    onSelect={select}
                    onMore={loadMore}
                  />
                )}
              </section>
              {instance.rollback?.error !== undefined && (
                <p class="bad">
                  The rollback failed: {instance.rollback.error.name}: {instance.rollback.error.message}
                </p>
              )}
              <Payload title="Output" value={instance.output} />
              <Payload title="Parameters" value={instance.params} />
            </div>
            <div class="instance-side">
              {selected !== undefined && (
                <StepPanel
                  key={selectedKey}
                  step={selected}
                  path={path}
                  version={instance.version}
                  onClose={() => select(undefined)}
                />
              )}
              <Logs lines={lines} steps={steps} selected={selected} onSelect={select} />
            </div>
          </div>
        </>
      )}
      {instance === undefined && error === undefined && <p aria-busy="true">Loading …</p>}
    </div>
  );
};

const Payload = ({ title, value }: { readonly title: string; readonly value: unknown }) =>
  value === undefined ? null : (
    <section class="panel" aria-label={title}>
      <h2>{title}</h2>
      <ValueTree value={value} label={title} />
    </section>
  );
