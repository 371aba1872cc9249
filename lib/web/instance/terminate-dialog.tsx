import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { currentSession } from '../session.ts';
import type { InstancePath } from './instance-feed.ts';

interface TerminateDialogProps {
  readonly path: InstancePath;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export const TerminateDialog = ({ path, onDone, onClose }: TerminateDialogProps) => {
  const { client } = currentSession();
  const [rollback, setRollback] = useState(false);
  const terminate = async (): Promise<string> => {
    const { status } = await client.call('PATCH /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/status', {
      path,
      body: { status: 'terminate', ...(rollback && { rollback }) },
    });
    onDone();
    return status === 'rollingBack' ? 'It rolls back now, and ends after that.' : 'It is terminated.';
  };
  return (
    <ConfirmDialog title="Terminate this instance?" confirm="Terminate" act={terminate} onClose={onClose}>
      <p>It ends here, and cannot go on from where it is. What it has recorded stays to be looked at.</p>
      <label class="check">
        <input type="checkbox" checked={rollback} onChange={() => setRollback(!rollback)} />
        Undo its steps first, from the last one back, where they say how
      </label>
    </ConfirmDialog>
  );
};
