import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Loading } from '../parts/loading.tsx';
import { Problem } from '../parts/problem.tsx';
import type { View, ViewProps } from '../views/view.ts';

const NOT_LOADED =
  'This part of the page did not come: the server is away, or has another page by now. Load the page again, and sign in.';

/** A view with its script loaded. Who has come here by a link goes on reading at its beginning. */
export const LoadedView = ({ view, ...props }: ViewProps & { readonly view: View }) => {
  const [loaded, setLoaded] = useState<{ readonly component?: ComponentType<ViewProps>; readonly error?: unknown }>({});
  useEffect(() => {
    document.title = [view.title, props.tenant, 'Tenon'].filter((part) => part !== '').join(' – ');
    view.load().then(
      (component) => setLoaded({ component }),
      () => setLoaded({ error: new Error(NOT_LOADED) }),
    );
  }, [view]);
  // What was pressed to come here is gone. A filter is not: who sets one stays where he is.
  useEffect(() => {
    document.getElementById('main')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [props.parts.join('/')]);
  if (loaded.error !== undefined) return <Problem error={loaded.error} />;
  const Component = loaded.component;
  return Component === undefined ? <Loading what={view.title} /> : <Component {...props} />;
};
