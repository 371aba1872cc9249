import type { Instance, Step } from '../../client/operations.ts';
import { isFinal } from './available-actions.ts';
import { useNow } from './use-now.ts';
import { explain } from './why-waiting.ts';

const EVERY_MS = 1_000;
const OTHERS_SHOWN = 5;

/** What the instance does, waits for, or came to. */
export const WhyNow = ({ instance, steps }: { readonly instance: Instance; readonly steps: readonly Step[] }) => {
  const now = useNow(isFinal(instance.status) ? undefined : EVERY_MS);
  const { lead, others } = explain(instance, steps, now);
  return (
    <div class="why" data-status={instance.status}>
      <p>{lead}</p>
      {others.length > 0 && (
        <ul>
          {others.slice(0, OTHERS_SHOWN).map((text, at) => (
            <li key={at}>{text}</li>
          ))}
          {others.length > OTHERS_SHOWN && <li>… and {others.length - OTHERS_SHOWN} more.</li>}
        </ul>
      )}
    </div>
  );
};
