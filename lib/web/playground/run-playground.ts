import { batch } from '@preact/signals';
import type { TenonClient } from '../../client/tenon-client.ts';
import { readPayload } from './payload.ts';
import { startSource } from './start-source.ts';
import type { PlaygroundState } from './state.ts';
import { workflowNames } from './workflow-names.ts';

/** The one that is chosen, as long as the source has it. */
export const chosenWorkflow = ({ source, workflow }: PlaygroundState): string | undefined => {
  const names = workflowNames(source.value);
  return names.find((name) => name === workflow.value) ?? names[0];
};

/** Runs what stands in the editor, unless that is happening already. */
export const runPlayground = async (client: TenonClient, tenant: string, state: PlaygroundState): Promise<void> => {
  const payload = readPayload(state.payload.value);
  if (state.progress.value !== undefined || payload.kind === 'invalid') return;
  batch(() => {
    state.progress.value = 'uploading';
    state.problems.value = [];
    state.error.value = undefined;
  });
  const request = {
    tenant,
    known: state.known,
    source: state.source.value,
    workflow: chosenWorkflow(state),
    id: state.id.value.trim() || undefined,
    isToActivate: state.isToActivate.value,
    params: payload.kind === 'value' ? payload : undefined,
  };
  try {
    const result = await startSource(client, request, (progress) => {
      state.progress.value = progress;
    });
    batch(() => {
      if (result.kind === 'rejected') {
        state.problems.value = result.problems;
        return;
      }
      state.shown.value = result;
      state.started.value = [result, ...state.started.value];
      // An id names one instance: the next one is another.
      state.id.value = '';
    });
  } catch (error) {
    state.error.value = error;
  }
  state.progress.value = undefined;
};
