import { useState } from 'preact/hooks';
import type { Approval, Step } from '../../client/operations.ts';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import type { InstancePath } from './instance-feed.ts';

interface PendingApprovalsProps {
  readonly steps: readonly Step[];
  readonly path: InstancePath;
  readonly onDone: () => void;
}

/** What policies hold back. The operator answers here; a tenant sees that there is somebody to ask. */
export const PendingApprovals = ({ steps, path, onDone }: PendingApprovalsProps) => (
  <>
    {steps.flatMap((step) =>
      (step.approvals ?? [])
        .filter(({ status }) => status === 'pending')
        .map((approval) => (
          <PendingApproval key={approval.id} approval={approval} step={step} path={path} onDone={onDone} />
        )),
    )}
  </>
);

type PendingApprovalProps = Omit<PendingApprovalsProps, 'steps'> & { readonly approval: Approval; readonly step: Step };

const PendingApproval = ({ approval, step, path, onDone }: PendingApprovalProps) => {
  const { client, tenant } = currentSession();
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const answer = async (approved: boolean): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await client.call('POST /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/approvals/{approval}', {
        path: { ...path, approval: approval.id },
        body: { approved, ...(reason.trim() !== '' && { reason: reason.trim() }) },
      });
      onDone();
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };
  return (
    <section class="panel approval" aria-label={`Approval by ${approval.policy}`}>
      <p>
        <strong>{approval.policy}</strong> asks about {approval.call === undefined ? 'step' : 'the call'}{' '}
        <code>{approval.call ?? step.name}</code>.{tenant !== undefined && ' The operator can approve it.'}
      </p>
      {tenant === undefined && (
        <div class="approval-form">
          <input
            aria-label="Reason"
            placeholder="Reason (optional)"
            maxLength={1_000}
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <button type="button" class="primary" disabled={isBusy} onClick={() => answer(true)}>
            Approve
          </button>
          <button type="button" disabled={isBusy} onClick={() => answer(false)}>
            Refuse
          </button>
        </div>
      )}
      <Problem error={error} />
    </section>
  );
};
