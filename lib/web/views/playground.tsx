import { useState } from 'preact/hooks';
import { Empty } from '../parts/empty.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { InstancePane } from '../playground/instance-pane.tsx';
import { PastInstances } from '../playground/past-instances.tsx';
import { readPayload } from '../playground/payload.ts';
import { OPTIONS_FORM } from '../playground/run-options.tsx';
import { chosenWorkflow, runPlayground } from '../playground/run-playground.ts';
import { SourcePane } from '../playground/source-pane.tsx';
import type { Progress } from '../playground/start-source.ts';
import { playgroundOf } from '../playground/state.ts';
import { currentSession } from '../session.ts';
import type { ViewProps } from './view.ts';

const WORDS: Readonly<Record<Progress, string>> = {
  uploading: 'Uploading …',
  compiling: 'Compiling …',
  starting: 'Starting …',
};

/** Write a workflow, run it, and see what it does, in one place. */
export const Playground = ({ tenant }: ViewProps) => {
  const { client } = currentSession();
  const state = playgroundOf(client, tenant);
  const [status, setStatus] = useState('');
  const shown = state.shown.value;
  const progress = state.progress.value;
  const canRun = progress === undefined && readPayload(state.payload.value).kind !== 'invalid';
  return (
    <>
      <PageHead
        title="Playground"
        about="Write a workflow or paste one, run it, and see what it does. Each change that you run is a version of its own."
      >
        <span class="quiet" role="status">
          {progress !== undefined && WORDS[progress]}
        </span>
        <button type="submit" form={OPTIONS_FORM} class="primary run" disabled={!canRun}>
          Run
        </button>
      </PageHead>
      <div class="playground">
        <SourcePane state={state} onRun={() => void runPlayground(client, tenant, state)} />
        <div class="playground-side">
          {shown === undefined ? (
            <Empty title="Nothing runs yet">Run the source, and each step shows here as it happens.</Empty>
          ) : (
            <InstancePane key={`${shown.workflow}/${shown.id}`} path={{ tenant, ...shown }} onStatus={setStatus} />
          )}
          <PastInstances
            tenant={tenant}
            workflow={chosenWorkflow(state)}
            started={state.started.value}
            shown={shown}
            changed={status}
            onSelect={(instance) => {
              state.shown.value = instance;
            }}
          />
        </div>
      </div>
    </>
  );
};
