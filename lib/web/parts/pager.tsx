import { linkTo } from '../router.ts';

interface PagerProps {
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Of the page after this one; absent: this is the last. */
  readonly next: string | undefined;
}

/** Cursors lead forward; back goes the browser, or to the newest at once. */
export const Pager = ({ parts, query, next }: PagerProps) => {
  if (query.cursor === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {query.cursor !== undefined && (
        <a class="button" href={linkTo(parts, { ...query, cursor: undefined })}>
          Newest
        </a>
      )}
      {next !== undefined && (
        <a class="button" href={linkTo(parts, { ...query, cursor: next })}>
          Older
        </a>
      )}
    </nav>
  );
};
