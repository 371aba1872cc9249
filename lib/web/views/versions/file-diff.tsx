import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../../parts/problem.tsx';
import type { ChangedFile } from './changed-files.ts';

/** The editor that shows the difference comes when there is one to show. */
export const FileDiff = ({ path, kind, before, after }: ChangedFile) => {
  const place = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<unknown>(undefined);
  useEffect(() => {
    let close: (() => void) | undefined;
    let isGone = false;
    import('./merge-view.ts').then(({ showDifference }) => {
      if (!isGone && place.current !== null) close = showDifference(place.current, { path, before, after });
    }, setError);
    return () => {
      isGone = true;
      close?.();
    };
  }, [path, before, after]);
  return (
    <section aria-label={path}>
      <h2>
        {path} {kind !== 'changed' && <span class="quiet">({kind})</span>}
      </h2>
      <Problem error={error} />
      <div class="diff" ref={place} />
    </section>
  );
};
