import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { goTo } from '../../router.ts';
import { currentSession } from '../../session.ts';

export const DeleteTenant = ({ id }: { readonly id: string }) => {
  const { client } = currentSession();
  const [isAsked, setAsked] = useState(false);
  const remove = async (): Promise<string> => {
    await client.call('DELETE /v1/tenants/{tenant}', { path: { tenant: id } });
    goTo(['tenants']);
    return `${id} is being deleted.`;
  };
  return (
    <section aria-labelledby="end">
      <h2 id="end">Delete the tenant</h2>
      <p class="quiet">With its keys, code, variables, instances, results and logs. Nothing brings them back.</p>
      <button type="button" class="danger" onClick={() => setAsked(true)}>
        Delete {id} …
      </button>
      {isAsked && (
        <ConfirmDialog
          title={`Delete ${id} with all its data?`}
          confirm="Delete for good"
          typed={id}
          act={remove}
          onClose={() => setAsked(false)}
        >
          Its instances end where they are, without rollback. Nothing of it can be brought back.
        </ConfirmDialog>
      )}
    </section>
  );
};
