import { useEffect, useState } from 'preact/hooks';

/** The time of now, epoch ms, anew every so many ms; it stands still where nothing needs it. */
export const useNow = (everyMs: number | undefined): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
};
