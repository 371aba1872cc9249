import { useState } from 'preact/hooks';
import type { Status, Step } from '../../client/operations.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { currentSession } from '../session.ts';
import { isFinal } from './available-actions.ts';
import type { InstancePath } from './instance-feed.ts';
import { stepLabelOf } from './step-key.ts';

interface RestartDialogProps {
  readonly path: InstancePath;
  readonly status: Status;
  /** The step to go back to; absent: to the beginning. */
  readonly from: Step | undefined;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export const RestartDialog = ({ path, status, from, onDone, onClose }: RestartDialogProps) => {
  const { client } = currentSession();
  const [toActiveVersion, setToActiveVersion] = useState(false);
  const restart = async (): Promise<string> => {
    await client.call('PATCH /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/status', {
      path,
      body: {
        status: 'restart',
        ...(toActiveVersion && { toActiveVersion }),
        ...(from !== undefined && { from: { name: from.name, count: from.count, type: restartType(from.type) } }),
      },
    });
    onDone();
    return from === undefined ? 'Restarted from its beginning.' : `Restarted from “${stepLabelOf(from)}”.`;
  };
  return (
    <ConfirmDialog
      title={from === undefined ? 'Restart?' : `Restart from “${stepLabelOf(from)}”?`}
      confirm="Restart"
      act={restart}
      onClose={onClose}
    >
      <p>
        {from === undefined
          ? 'All that it has recorded is forgotten, and it begins again with the same parameters.'
          : 'This step, and all that began after it, are forgotten and run again. What was before it stays as it is.'}
        {!isFinal(status) && ' It has not ended yet: what runs at present is cut off.'}
      </p>
      <label class="check">
        <input type="checkbox" checked={toActiveVersion} onChange={() => setToActiveVersion(!toActiveVersion)} />
        With the version that is active now
      </label>
    </ConfirmDialog>
  );
};

const restartType = (type: Step['type']): 'do' | 'sleep' | 'waitForEvent' =>
  type === 'sleep' || type === 'waitForEvent' ? type : 'do';
