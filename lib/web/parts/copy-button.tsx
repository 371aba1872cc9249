import { useState } from 'preact/hooks';

const SAID_FOR_MS = 2_000;

/** Copies what `text` gives at that moment. */
export const CopyButton = ({ text, label = 'Copy' }: { readonly text: () => string; readonly label?: string }) => {
  const [said, setSaid] = useState<string>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setSaid('Copied');
    } catch {
      // Without https, and not on this machine, a page has no clipboard.
      setSaid('The browser does not allow it');
    }
    setTimeout(() => setSaid(undefined), SAID_FOR_MS);
  };
  return (
    <button type="button" class="small" onClick={copy} aria-live="polite">
      {said ?? label}
    </button>
  );
};
