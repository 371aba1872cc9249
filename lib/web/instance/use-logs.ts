import { useEffect, useState } from 'preact/hooks';
import type { LogLine } from '../../client/operations.ts';
import { followStream } from '../api/event-stream.ts';
import { currentSession } from '../session.ts';
import type { InstancePath } from './instance-feed.ts';
import { appendLines } from './log-lines.ts';

/** What an instance has said, as it says it. `life`: another one begins anew; `hasEnded`: no more comes. */
export const useLogs = (
  path: InstancePath,
  { life, hasEnded }: { readonly life: number; readonly hasEnded: boolean },
): readonly LogLine[] => {
  const { client } = currentSession();
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [end] = useState({ isHere: hasEnded });
  end.isHere = hasEnded;
  useEffect(() => {
    const { signal, abort } = controller();
    setLines([]);
    followStream({
      open: (lastEventId) =>
        client.openStream('GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/logs', {
          path,
          lastEventId,
          signal,
        }),
      onMessages: (messages) =>
        setLines((last) =>
          appendLines(
            last,
            messages.map(({ data }) => JSON.parse(data)),
          ),
        ),
      onState: () => {},
      isOver: () => end.isHere,
      signal,
      // That it is gone is said by whoever follows the instance itself.
    }).catch(() => {});
    return abort;
  }, [client, path.tenant, path.workflow, path.id, life]);
  return lines;
};

const controller = () => {
  const abort = new AbortController();
  return { signal: abort.signal, abort: () => abort.abort() };
};
