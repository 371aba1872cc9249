import { useEffect, useRef, useState } from 'preact/hooks';
import { currentSession } from '../session.ts';
import { followInstance, type InstanceFeed, type InstancePath, type InstanceState } from './instance-feed.ts';

const NOTHING: InstanceState = { steps: [], hasMoreSteps: false, stream: 'live', life: 0, error: undefined };

/** An instance as it is, for as long as it is looked at. */
export const useInstance = (path: InstancePath): InstanceState & Omit<InstanceFeed, 'stop'> => {
  const { client } = currentSession();
  const [state, setState] = useState(NOTHING);
  const feed = useRef<InstanceFeed>(undefined);
  useEffect(() => {
    setState(NOTHING);
    const following = followInstance(client, path, { onState: setState, isSeen: () => !document.hidden });
    feed.current = following;
    return following.stop;
  }, [client, path.tenant, path.workflow, path.id]);
  return {
    ...state,
    refresh: async () => feed.current?.refresh(),
    begin: async () => feed.current?.begin(),
    loadMore: async () => feed.current?.loadMore(),
  };
};
