import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useAction } from '../api/use-action.ts';
import { Problem } from './problem.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says: the deed, not "OK". */
  readonly confirm: string;
  /** Has to be typed before. @default nothing */
  readonly typed?: string;
  /** Gives what is told afterwards. */
  readonly act: () => Promise<string>;
  readonly onClose: () => void;
}

/** Asks before what cannot be taken back. */
export const ConfirmDialog = ({ title, children, confirm, typed = '', act, onClose }: ConfirmDialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [text, setText] = useState('');
  const { run, isBusy, error } = useAction();
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text === typed && (await run(act))) dialog.current?.close();
  };

  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={heading}>{title}</h2>
        <div>{children}</div>
        {typed !== '' && (
          <label>
            <span class="label">
              Type <code>{typed}</code> to confirm
            </span>
            <input autocomplete="off" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
          </label>
        )}
        <Problem error={error} />
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="primary danger" disabled={isBusy || text !== typed}>
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
};
