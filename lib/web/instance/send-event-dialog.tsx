import { useId, useState } from 'preact/hooks';
import type { WaitingFor } from '../../client/operations.ts';
import { useAction } from '../api/use-action.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import type { InstancePath } from './instance-feed.ts';
import { readPayload } from './payload.ts';

interface SendEventDialogProps {
  readonly path: InstancePath;
  readonly waitingFor: readonly WaitingFor[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Sends an event; the type that the instance waits for is filled in. */
export const SendEventDialog = ({ path, waitingFor, onDone, onClose }: SendEventDialogProps) => {
  const { client } = currentSession();
  const [types] = useState(() => waitingFor.flatMap(({ eventType }) => eventType ?? []));
  const [type, setType] = useState(types[0] ?? '');
  const [text, setText] = useState('');
  const ids = { types: useId(), problem: useId() };
  const payload = readPayload(text);
  const { isBusy, error, run } = useAction();
  const send = async (): Promise<string> => {
    await client.call('POST /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/events/{type}', {
      path: { ...path, type },
      body: payload.kind === 'json' ? payload.value : undefined,
    });
    onDone();
    return types.includes(type) ? `“${type}” was sent.` : `“${type}” was sent. It is kept until a step waits for it.`;
  };
  const submit = async (event: Event, close: () => void): Promise<void> => {
    event.preventDefault();
    if (payload.kind !== 'malformed' && (await run(send))) close();
  };
  return (
    <Dialog title="Send an event" onClose={onClose}>
      {(close) => (
        <form onSubmit={(event) => submit(event, close)}>
          <label>
            <span class="label">Type</span>
            <input
              required
              list={ids.types}
              pattern="[a-zA-Z0-9_][a-zA-Z0-9_.\-]*"
              maxLength={100}
              autocomplete="off"
              value={type}
              onInput={({ currentTarget }) => setType(currentTarget.value)}
            />
          </label>
          <datalist id={ids.types}>
            {types.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <label>
            <span class="label">Payload as JSON; empty for none</span>
            <textarea
              rows={8}
              spellcheck={false}
              class="payload"
              aria-invalid={payload.kind === 'malformed'}
              aria-describedby={ids.problem}
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
          </label>
          <p id={ids.problem} class={payload.kind === 'malformed' ? 'bad' : 'quiet'} aria-live="polite">
            {payload.kind === 'malformed' ? payload.problem : payload.kind === 'none' ? 'No payload.' : 'This is JSON.'}
          </p>
          <Problem error={error} />
          <div class="actions">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" class="primary" disabled={isBusy || payload.kind === 'malformed'}>
              Send
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
};
