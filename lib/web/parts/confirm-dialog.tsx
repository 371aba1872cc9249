import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../api/use-action.ts';
import { Dialog } from './dialog.tsx';
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
  const [text, setText] = useState('');
  const { run, isBusy, error } = useAction();
  const submit = async (event: Event, close: () => void): Promise<void> => {
    event.preventDefault();
    if (text === typed && (await run(act))) close();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {(close) => (
        <form onSubmit={(event) => submit(event, close)}>
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
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" class="primary danger" disabled={isBusy || text !== typed}>
              {confirm}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
};
