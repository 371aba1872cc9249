import {
  ExecutionAbortedError,
  ExecutionError,
  ExecutionTimeoutError,
  StateMachine,
  type StateMachineDefinition,
} from 'aws-local-stepfunctions';
import type { StackResource } from '../contract.ts';
import { TASKS, type TaskContext, TaskFailure } from './state-tasks.ts';
import { readProperties } from './strict-input.ts';

export type ExecutionEnd =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED'; readonly error: string; readonly cause: string }
  | { readonly status: 'TIMED_OUT' | 'ABORTED' };

export interface LocalStateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  run(input: unknown, context: Omit<TaskContext, 'signal'>): { readonly ended: Promise<ExecutionEnd>; abort(): void };
}

type States = Record<string, StateMachineDefinition['States'][string]>;

const PROPERTIES = ['Definition', 'RoleArn', 'StateMachineName', 'StateMachineType', 'Tags'];
/** The interpreter has a minute where the service has no limit; this is the longest that a timer of Node takes. */
const NO_LIMIT_S = 2_147_483;

/**
 * A state machine as the template defines it, in JSONPath. `retryMs`: between tries, instead of what the definition says.
 * @throws Error where it says what the local cloud does not know
 */
export const readStateMachine = (resource: StackResource, retryMs: number | undefined): LocalStateMachine => {
  const properties = readProperties(resource, PROPERTIES);
  properties.oneOf('StateMachineType', ['STANDARD'], 'STANDARD');
  const definition = resource.properties.Definition;
  const refuse = (message: string): Error => new Error(`${resource.logicalId}: ${message}`);
  if ((definition.QueryLanguage ?? 'JSONPath') !== 'JSONPath') throw refuse('Definitions are interpreted in JSONPath.');
  const states = readStates(definition.States, refuse);
  const { QueryLanguage: _, ...rest } = definition;
  const machine = new StateMachine({ ...rest, States: states });
  return {
    arn: resource.arn,
    name: properties.optionalText('StateMachineName') ?? resource.arn.split(':').at(-1) ?? '',
    roleArn: properties.text('RoleArn'),
    run: (input, context) => {
      const stopping = new AbortController();
      const execution = machine.run(input as Parameters<StateMachine['run']>[0], {
        overrides: {
          taskResourceLocalHandlers: handlersOf(states, { ...context, signal: stopping.signal }),
          ...(retryMs !== undefined && {
            retryIntervalOverrides: Object.fromEntries(Object.keys(states).map((name) => [name, retryMs])),
          }),
        },
      });
      const abort = (): void => {
        execution.abort();
        stopping.abort();
      };
      return { ended: endOf(execution.result, abort), abort };
    },
  };
};

const endOf = async (result: Promise<unknown>, abort: () => void): Promise<ExecutionEnd> => {
  try {
    return { status: 'SUCCEEDED', output: await result };
  } catch (error) {
    if (error instanceof ExecutionAbortedError) return { status: 'ABORTED' };
    if (error instanceof ExecutionTimeoutError) {
      abort();
      return { status: 'TIMED_OUT' };
    }
    if (!(error instanceof ExecutionError) || !(error.cause instanceof Error)) throw error;
    return { status: 'FAILED', error: error.cause.name, cause: error.cause.message };
  }
};

const readStates = (states: States, refuse: (message: string) => Error): States =>
  Object.fromEntries(
    Object.entries(states).map(([name, state]) => {
      if (state.Type === 'Map' || state.Type === 'Parallel') throw refuse(`${name}: no state of type ${state.Type}.`);
      if (state.Type !== 'Task') return [name, state];
      const task = TASKS[state.Resource];
      if (task === undefined) throw refuse(`${name}: the local cloud does not know ${state.Resource}.`);
      const parameters = Object.keys(state.Parameters ?? {}).map((key) => key.replace(/\.\$$/, ''));
      const unknown = parameters.find((parameter) => !task.parameters.includes(parameter));
      if (unknown !== undefined) throw refuse(`${name}: the local cloud does not know ${unknown}.`);
      if (state.TimeoutSecondsPath !== undefined || 'HeartbeatSeconds' in state)
        throw refuse(`${name}: no such limit.`);
      return [name, { ...state, TimeoutSeconds: state.TimeoutSeconds ?? NO_LIMIT_S }];
    }),
  );

const handlersOf = (
  states: States,
  context: TaskContext,
): Record<string, (input: unknown) => Promise<Awaited<ReturnType<typeof toJson>>>> =>
  Object.fromEntries(
    Object.entries(states).flatMap(([name, state]) => {
      if (state.Type !== 'Task') return [];
      const task = TASKS[state.Resource];
      const limitMs = (state.TimeoutSeconds ?? NO_LIMIT_S) * 1_000;
      const handler = async (input: unknown) => {
        // After an end the interpreter tries again without waiting.
        if (context.signal.aborted || task === undefined) throw new TaskFailure('States.TaskFailed', 'aborted');
        const limit = new AbortController();
        const timer = setTimeout(() => limit.abort(), limitMs);
        const signal = AbortSignal.any([context.signal, limit.signal]);
        try {
          return toJson(await task.run(input as Readonly<Record<string, unknown>>, { ...context, signal }));
        } finally {
          clearTimeout(timer);
        }
      };
      return [[name, handler] as const];
    }),
  );

/** Results travel as text between a service and the state machine. */
const toJson = (value: object) => JSON.parse(JSON.stringify(value));
