import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { currentSession } from '../../session.ts';

/** How long both keys are taken: enough to bring the new one to where the old one is. */
const GRACES = ['10 minutes', '1 hour', '1 day', '7 days'];

interface RotateDialogProps {
  readonly tenant: string;
  readonly keyId: string;
  readonly onMade: (made: { readonly apiKey: string; readonly about: string }) => void;
  readonly onClose: () => void;
}

/** A key in place of another. */
export const RotateDialog = ({ tenant, keyId, onMade, onClose }: RotateDialogProps) => {
  const { client } = currentSession();
  const [grace, setGrace] = useState('1 hour');
  const rotate = async (): Promise<string> => {
    const made = await client.call('POST /v1/tenants/{tenant}/keys/{keyId}/rotate', {
      path: { tenant, keyId },
      body: { grace },
    });
    onMade({ apiKey: made.apiKey, about: `This is key ${made.keyId} of ${tenant}, in place of ${keyId}.` });
    return `Key ${keyId} is refused from ${new Date(made.replaced.expiresAt).toLocaleString()}.`;
  };
  return (
    <ConfirmDialog title={`Rotate ${keyId}?`} confirm="Make the new key" act={rotate} onClose={onClose}>
      <p>A new key is made and shown once. The old one goes on for a while, so that nothing stands still.</p>
      <label>
        <span class="label">The old key goes on for</span>
        <select value={grace} onChange={({ currentTarget }) => setGrace(currentTarget.value)}>
          {GRACES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </ConfirmDialog>
  );
};
