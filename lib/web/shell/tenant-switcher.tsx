import { useRef, useState } from 'preact/hooks';
import { useResource } from '../api/use-resource.ts';
import { goTo, linkTo } from '../router.ts';
import { currentSession } from '../session.ts';

const SHOWN = 12;

interface TenantSwitcherProps {
  readonly tenant: string | undefined;
  /** The same view is shown of the other tenant. */
  readonly view: string | undefined;
}

export const TenantSwitcher = ({ tenant, view }: TenantSwitcherProps) => {
  const { client } = currentSession();
  const panel = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const { value } = useResource(() => client.call('GET /v1/tenants', { query: { limit: 200 } }), [tenant]);
  const found = (value?.tenants ?? []).filter(({ id, name }) => `${id} ${name ?? ''}`.toLowerCase().includes(text));
  const placeOf = (id: string): readonly string[] =>
    tenant === undefined || view === undefined ? ['t', id] : ['t', id, view];
  const close = (): void => panel.current?.hidePopover();

  const submit = (event: Event): void => {
    event.preventDefault();
    const id = found.find((one) => one.id === text)?.id ?? found[0]?.id ?? text;
    if (id === '') return;
    close();
    goTo(placeOf(id));
  };

  return (
    <>
      <button type="button" class="tenant" popovertarget="switcher">
        <span class="unseen">Tenant: </span>
        {tenant ?? 'Choose a tenant'} ▾
      </button>
      <div id="switcher" class="switcher" popover="auto" ref={panel}>
        <form onSubmit={submit}>
          <label>
            <span class="label">Go to a tenant</span>
            <input
              type="search"
              autocomplete="off"
              placeholder="Its id or name"
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value.trim().toLowerCase())}
            />
          </label>
        </form>
        <ul>
          {found.slice(0, SHOWN).map(({ id, name }) => (
            <li key={id}>
              <a href={linkTo(placeOf(id))} onClick={close} {...(id === tenant && { 'aria-current': 'true' })}>
                <span class="id">{id}</span> {name !== undefined && <span class="quiet">{name}</span>}
              </a>
            </li>
          ))}
        </ul>
        {found.length > SHOWN && <p class="quiet">{found.length - SHOWN} more: type to narrow them down.</p>}
      </div>
    </>
  );
};
