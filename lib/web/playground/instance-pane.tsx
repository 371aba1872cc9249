import { useEffect, useState } from 'preact/hooks';
import { isFinal } from '../instance/available-actions.ts';
import { ErrorPanel } from '../instance/error-panel.tsx';
import type { InstancePath } from '../instance/instance-feed.ts';
import { InstanceLead } from '../instance/instance-lead.tsx';
import { Logs } from '../instance/logs.tsx';
import { stepKeyOf } from '../instance/step-key.ts';
import { StepPanel } from '../instance/step-panel.tsx';
import { Timeline } from '../instance/timeline.tsx';
import { useInstance } from '../instance/use-instance.ts';
import { useLogs } from '../instance/use-logs.ts';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { ValueTree } from '../parts/value-tree.tsx';
import { linkTo } from '../router.ts';

interface InstancePaneProps {
  readonly path: InstancePath;
  /** Told whenever it is another one. */
  readonly onStatus: (status: string) => void;
}

/** The instance that was started last, or chosen, as it goes on: what its own page shows, in one column. */
export const InstancePane = ({ path, onStatus }: InstancePaneProps) => {
  const { instance, steps, hasMoreSteps, stream, life, error, refresh, begin, loadMore } = useInstance(path);
  const lines = useLogs(path, { life, hasEnded: instance !== undefined && isFinal(instance.status) });
  const [selectedKey, setSelectedKey] = useState<string>();
  const selected = steps.find((step) => stepKeyOf(step) === selectedKey);
  const status = instance?.status;
  useEffect(() => {
    if (status !== undefined) onStatus(status);
  }, [status]);
  return (
    <section class="instance" aria-label="Instance">
      <div class="instance-pane-head">
        <h2 class="id">
          <a href={linkTo(['t', path.tenant, 'instances', path.workflow, path.id])}>{path.id}</a>
        </h2>
        {status !== undefined && <StatusBadge status={status} />}
      </div>
      {stream !== 'reconnecting' && <Problem error={error} />}
      {instance !== undefined && (
        <>
          <InstanceLead {...{ instance, steps, path, selected, refresh, begin }} />
          <section class="panel" aria-label="Steps">
            <Timeline
              instance={instance}
              steps={steps}
              hasMoreSteps={hasMoreSteps}
              selected={selectedKey}
              onSelect={setSelectedKey}
              onMore={loadMore}
            />
          </section>
          {selected !== undefined && (
            <StepPanel
              key={selectedKey}
              step={selected}
              path={path}
              version={instance.version}
              onClose={() => setSelectedKey(undefined)}
            />
          )}
          {instance.error !== undefined && (
            <ErrorPanel error={instance.error} tenant={path.tenant} version={instance.version} />
          )}
          {instance.output !== undefined && (
            <section class="panel" aria-label="Output">
              <h2>Output</h2>
              <ValueTree value={instance.output} label="Output" />
            </section>
          )}
          {lines.length > 0 && <Logs lines={lines} steps={steps} selected={selected} onSelect={setSelectedKey} />}
        </>
      )}
    </section>
  );
};
