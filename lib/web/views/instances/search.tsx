import { useState } from 'preact/hooks';
import { RefusedError } from '../../../client/http-client.ts';
import { useAction } from '../../api/use-action.ts';
import { goTo, linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';

interface InstanceSearchProps {
  readonly tenant: string;
  /** Ids are told apart within a workflow: each is asked. */
  readonly workflows: readonly string[];
}

type Found = { readonly kind: 'none'; readonly id: string } | { readonly kind: 'several'; readonly links: Links };
type Links = readonly { readonly workflow: string; readonly href: string }[];

/** Goes to the instance of that id, wherever it is. */
export const InstanceSearch = ({ tenant, workflows }: InstanceSearchProps) => {
  const { client } = currentSession();
  const [text, setText] = useState('');
  const [found, setFound] = useState<Found | undefined>(undefined);
  const { run, isBusy, error } = useAction();

  const has = async (workflow: string, id: string): Promise<boolean> => {
    try {
      await client.call('GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}', {
        path: { tenant, workflow, id },
      });
      return true;
    } catch (thrown) {
      if (thrown instanceof RefusedError && thrown.problem.status < 500) return false;
      throw thrown;
    }
  };
  const search = async (id: string): Promise<undefined> => {
    setFound(undefined);
    const answers = await Promise.all(workflows.map((workflow) => has(workflow, id)));
    const placeOf = (workflow: string) => ['t', tenant, 'instances', workflow, id];
    const [first, ...others] = workflows.filter((_, index) => answers[index]);
    if (first === undefined) setFound({ kind: 'none', id });
    else if (others.length === 0) goTo(placeOf(first));
    else {
      const links = [first, ...others].map((workflow) => ({ workflow, href: linkTo(placeOf(workflow)) }));
      setFound({ kind: 'several', links });
    }
  };

  return (
    <search>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void run(() => search(text.trim()));
        }}
      >
        <input
          type="search"
          aria-label="Id of an instance"
          placeholder="Id of an instance"
          autocomplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <button type="submit" disabled={isBusy}>
          Go
        </button>
      </form>
      <div role="status" class="hint">
        {error !== undefined && 'The server does not answer.'}
        {found?.kind === 'none' && `No workflow has an instance “${found.id}”.`}
        {found?.kind === 'several' && (
          <>
            Of which workflow?{' '}
            {found.links.map(({ workflow, href }) => (
              <a key={workflow} href={href}>
                {workflow}{' '}
              </a>
            ))}
          </>
        )}
      </div>
    </search>
  );
};
