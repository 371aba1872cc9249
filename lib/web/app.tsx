import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from './parts/problem.tsx';
import { linkTo, place } from './router.ts';
import { session, signOut } from './session.ts';
import { SignIn } from './sign-in.tsx';
import type { View, ViewProps } from './views/view.ts';
import { OPERATOR_VIEWS, TENANT_VIEWS } from './views/views.ts';

export const App = () => {
  const current = session.value;
  if (current === undefined) return <SignIn />;
  const { parts, query } = place.value;
  const isOfTenant = parts[0] === 't' || current.tenant !== undefined;
  const tenant = current.tenant ?? (isOfTenant ? parts[1] : undefined);
  const views = isOfTenant ? TENANT_VIEWS : OPERATOR_VIEWS;
  const rest = isOfTenant ? parts.slice(2) : parts;
  const view = rest.length === 0 ? views[0] : views.find(({ name }) => name === rest[0]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <header class="bar">
        <a class="brand" href={linkTo(current.tenant === undefined ? ['tenants'] : ['t', current.tenant])}>
          Tenon
        </a>
        {tenant !== undefined && <span class="tenant">{tenant}</span>}
        <nav aria-label="Main">
          {current.tenant === undefined && isOfTenant && <a href={linkTo(['tenants'])}>All tenants</a>}
          {views.map(({ name, title }) => (
            <a
              key={name}
              href={linkTo(isOfTenant ? ['t', tenant ?? '', name] : [name])}
              {...(view?.name === name && { 'aria-current': 'page' })}
            >
              {title}
            </a>
          ))}
        </nav>
        <button type="button" class="plain" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {view === undefined ? (
          <p>There is nothing at this address.</p>
        ) : (
          <LoadedView
            key={`${tenant}/${view.name}`}
            view={view}
            tenant={tenant ?? ''}
            parts={rest.slice(1)}
            query={query}
          />
        )}
      </main>
    </>
  );
};

const LoadedView = ({ view, ...props }: ViewProps & { readonly view: View }) => {
  const [loaded, setLoaded] = useState<{ readonly component?: ComponentType<ViewProps>; readonly error?: unknown }>({});
  useEffect(() => {
    document.title = `${view.title} – Tenon`;
    view.load().then(
      (component) => setLoaded({ component }),
      (error: unknown) => setLoaded({ error }),
    );
  }, [view]);
  if (loaded.error !== undefined) return <Problem error={loaded.error} />;
  const Component = loaded.component;
  return Component === undefined ? <p aria-busy="true">Loading …</p> : <Component {...props} />;
};
