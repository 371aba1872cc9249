/** Of an answer that lists things, bytes of JSON text. */
export const MAX_PAGE_BYTES = 1_000_000;

interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

/** A page of views that stops at 1 MB: then it is read again with the smaller limit, since cursors are the store's own. */
export const readPage = async <T, V>(
  limit: number,
  read: (limit: number) => Promise<Page<T>>,
  view: (item: T) => V,
): Promise<{ readonly views: readonly V[]; readonly cursor?: string }> => {
  const page = await read(limit);
  const views = page.items.map(view);
  const fitting = countFitting(views);
  if (fitting === views.length) return withCursor(views, page.cursor);
  const smaller = await read(fitting);
  return withCursor(smaller.items.map(view), smaller.cursor);
};

/** How many of them an answer has room for, one at least. */
export const countFitting = (views: readonly unknown[]): number => {
  let bytes = 0;
  for (const [index, view] of views.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(view));
    if (bytes > MAX_PAGE_BYTES && index > 0) return index;
  }
  return views.length;
};

const withCursor = <V>(views: readonly V[], cursor: string | undefined) =>
  cursor === undefined ? { views } : { views, cursor };
