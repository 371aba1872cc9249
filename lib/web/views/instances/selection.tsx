import { useState } from 'preact/hooks';
import { countText } from '../../../client/wording.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { currentSession } from '../../session.ts';
import { type Outcome, outcomeText, terminateAll } from './bulk.ts';

interface InstanceSelectionProps {
  readonly tenant: string;
  readonly workflow: string;
  readonly selected: ReadonlySet<string>;
  readonly onClear: () => void;
  readonly onDone: () => void;
}

/** What can be done to those that are marked. */
export const InstanceSelection = ({ tenant, workflow, selected, onClear, onDone }: InstanceSelectionProps) => {
  const { client } = currentSession();
  const [asked, setAsked] = useState<'terminate' | 'delete' | undefined>(undefined);
  const path = { tenant, workflow };
  const ids = [...selected];
  const finish = (outcome: Outcome, done: string): string => {
    onClear();
    onDone();
    return outcomeText(outcome, done);
  };
  const terminate = async () => finish(await terminateAll(client, path, ids), 'terminated');
  const remove = async (): Promise<string> => {
    const { errors } = await client.call('POST /v1/tenants/{tenant}/workflows/{workflow}/instances/batch/delete', {
      path,
      body: { ids },
    });
    return finish({ done: ids.length - errors.length, problems: errors.map(({ message }) => message) }, 'deleted');
  };
  return (
    <div class="selection">
      {selected.size === 0 ? (
        'Mark instances to terminate or delete them together.'
      ) : (
        <>
          <strong>{selected.size} marked</strong>
          <button type="button" onClick={() => setAsked('terminate')}>
            Terminate
          </button>
          <button type="button" class="danger" onClick={() => setAsked('delete')}>
            Delete
          </button>
          <button type="button" class="plain" onClick={onClear}>
            Clear
          </button>
        </>
      )}
      {asked === 'terminate' && (
        <ConfirmDialog
          title={`Terminate ${countText(selected.size, 'instance')}?`}
          confirm="Terminate"
          act={terminate}
          onClose={() => setAsked(undefined)}
        >
          They end where they are, without rollback. Those that have finished already stay as they are.
        </ConfirmDialog>
      )}
      {asked === 'delete' && (
        <ConfirmDialog
          title={`Delete ${countText(selected.size, 'instance')}?`}
          confirm="Delete"
          act={remove}
          onClose={() => setAsked(undefined)}
        >
          They end where they are, without rollback, and their steps, results and logs are gone for good.
        </ConfirmDialog>
      )}
    </div>
  );
};
