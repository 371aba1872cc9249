import type { Instance, Step } from '../../client/operations.ts';
import { now } from '../clock.ts';
import { explain } from './why-waiting.ts';

const OTHERS_SHOWN = 5;

/** What the instance does, waits for, or came to. */
export const WhyNow = ({ instance, steps }: { readonly instance: Instance; readonly steps: readonly Step[] }) => {
  const { lead, others } = explain(instance, steps, now.value);
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
