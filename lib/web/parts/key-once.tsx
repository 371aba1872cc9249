import { CopyButton } from './copy-button.tsx';

interface KeyOnceProps {
  readonly apiKey: string;
  readonly about: string;
  readonly onDone: () => void;
}

/** A key as it is shown once: the service keeps no more than its digest. */
export const KeyOnce = ({ apiKey, about, onDone }: KeyOnceProps) => (
  <section class="key-once" aria-label="New key">
    <p>
      <strong>{about}</strong> It is shown this once: put it where it belongs before you go on.
    </p>
    <code>{apiKey}</code>
    <div class="actions">
      <CopyButton text={() => apiKey} label="Copy the key" />
      <button type="button" onClick={onDone}>
        I have it
      </button>
    </div>
  </section>
);
