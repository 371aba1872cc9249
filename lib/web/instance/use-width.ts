import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Until it has been measured. */
const FIRST_GUESS_PX = 480;

/** How wide an element is, px, as it changes. */
export const useWidth = <T extends HTMLElement>(): readonly [RefObject<T | null>, number] => {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(FIRST_GUESS_PX);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(1, entry?.contentRect.width ?? FIRST_GUESS_PX)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
};
