import { place } from './router.ts';
import { session } from './session.ts';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { LoadedView } from './shell/loaded-view.tsx';
import { NoticeRegion } from './shell/notice.tsx';
import { Side } from './shell/side.tsx';
import { whereIs } from './shell/where.ts';
import { SignIn } from './sign-in.tsx';

export const App = () => {
  const current = session.value;
  if (current === undefined) return <SignIn />;
  const where = whereIs(place.value, current);
  const { tenant = '', view, parts } = where;
  const key = `${tenant}/${view?.name}`;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <div class="shell">
        <Side where={where} />
        <main id="main" tabIndex={-1}>
          <ErrorBoundary key={key}>
            {view === undefined ? (
              <>
                <h1>There is nothing at this address</h1>
                <p>The link may be of another tenant, or of a view that your key does not open.</p>
              </>
            ) : (
              <LoadedView key={key} view={view} tenant={tenant} parts={parts} query={place.value.query} />
            )}
          </ErrorBoundary>
        </main>
      </div>
      <NoticeRegion />
    </>
  );
};
