import { useState } from 'preact/hooks';

interface KeyOnceProps {
  readonly apiKey: string;
  readonly about: string;
  readonly onDone: () => void;
}

/** A key as it is shown once: the service keeps no more than its digest. */
export const KeyOnce = ({ apiKey, about, onDone }: KeyOnceProps) => {
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const copy = (): void => {
    navigator.clipboard?.writeText(apiKey).then(
      () => setCopied('yes'),
      () => setCopied('refused'),
    );
  };
  return (
    <section class="key-once" aria-label="New key">
      <p>
        <strong>{about}</strong> It is shown this once: put it where it belongs before you go on.
      </p>
      <code>{apiKey}</code>
      <div class="actions">
        <button type="button" class="primary" onClick={copy}>
          Copy the key
        </button>
        <button type="button" onClick={onDone}>
          I have it
        </button>
        <span role="status" class="quiet">
          {copied === 'yes' && 'Copied.'}
          {copied === 'refused' && 'The browser does not allow it: mark the key and copy it.'}
        </span>
      </div>
    </section>
  );
};
