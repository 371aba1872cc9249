import { RefusedError, UnreachableError } from '../../client/http-client.ts';

/** What went wrong, in the server's own words: they say what to change. */
export const Problem = ({ error }: { readonly error: unknown }) => {
  if (error === undefined) return null;
  return (
    <div class="problem" role="alert">
      <strong>{titleOf(error)}</strong>
      {error instanceof RefusedError && error.problem.errors !== undefined && (
        <ul>
          {error.problem.errors.map(({ path, message }) => (
            <li key={path}>
              <code>{path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};

const titleOf = (error: unknown): string => {
  if (error instanceof RefusedError) return `${error.problem.detail} (${error.problem.code})`;
  if (error instanceof UnreachableError) return 'The server does not answer. Is it running?';
  return error instanceof Error ? error.message : String(error);
};
