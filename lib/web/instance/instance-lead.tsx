import { ActionBar } from './action-bar.tsx';
import type { InstancePath } from './instance-feed.ts';
import { PendingApprovals } from './pending-approvals.tsx';
import type { useInstance } from './use-instance.ts';
import { WhyNow } from './why-now.tsx';

type Shown = ReturnType<typeof useInstance>;

interface InstanceLeadProps extends Pick<Shown, 'steps' | 'refresh' | 'begin'> {
  readonly instance: NonNullable<Shown['instance']>;
  readonly path: InstancePath;
  readonly selected: Shown['steps'][number] | undefined;
}

/** What stands first wherever an instance is shown: why it is where it is, who is asked, what can be done. */
export const InstanceLead = ({ instance, steps, path, selected, refresh, begin }: InstanceLeadProps) => (
  <>
    <WhyNow instance={instance} steps={steps} />
    <PendingApprovals steps={steps} path={path} onDone={refresh} />
    <ActionBar
      instance={instance}
      path={path}
      selected={selected}
      onDone={(isRestart) => void (isRestart ? begin() : refresh())}
    />
  </>
);
