import { useEffect } from 'preact/hooks';
import { dismissNotice, notice } from '../notices.ts';

const SHOWN_FOR_MS = 8_000;

/** What was done last. The region is always there: one that comes with its text is not read out. */
export const NoticeRegion = () => {
  const current = notice.value;
  useEffect(() => {
    if (current === undefined) return;
    const timer = setTimeout(dismissNotice, SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div class="notice" role="status">
      {current !== undefined && (
        <p key={current.id}>
          {current.text}
          <button type="button" class="plain" aria-label="Dismiss" onClick={dismissNotice}>
            ✕
          </button>
        </p>
      )}
    </div>
  );
};
