import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { Problem } from '../parts/problem.tsx';

/** A view that fails takes nothing else along: the navigation stays, and the view can be tried again. */
export const ErrorBoundary = ({ children }: { readonly children: ComponentChildren }) => {
  const [error, retry] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <>
      <h1>This view has failed</h1>
      <Problem error={error} />
      <button type="button" onClick={retry}>
        Try again
      </button>
    </>
  );
};
