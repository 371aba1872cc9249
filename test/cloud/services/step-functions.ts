import { randomUUID } from 'node:crypto';
import {
  type Authorizer,
  type AwsCall,
  AwsError,
  type AwsService,
  type LambdaHost,
  type LocalStack,
} from '../contract.ts';
import type { CodeBuild } from './code-build.ts';
import { type ExecutionEnd, type LocalStateMachine, readStateMachine } from './state-machine.ts';
import { type Input, readJsonInput } from './strict-input.ts';

const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;
const MAX_INPUT_BYTES = 262_144;

export interface StepFunctions extends AwsService {
  /** Resolves when the execution has ended. @throws AwsError `ExecutionDoesNotExist` */
  ended(executionArn: string): Promise<ExecutionEnd>;
  /** Aborts what runs. Builds are the build service's to stop. */
  close(): void;
}

interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly input: string;
  readonly machine: LocalStateMachine;
  readonly startedAt: number;
  readonly ended: Promise<ExecutionEnd>;
  readonly abort: () => void;
  end?: { readonly at: number; readonly how: ExecutionEnd };
}

/**
 * Standard state machines of the template. What their tasks do is done in the name of the machine's role. `retryMs`: what
 * a retrier waits, instead of what the definition says.
 * @throws Error where a definition says what the local cloud does not know
 */
export const makeStepFunctions = (params: {
  readonly stack: LocalStack;
  readonly authorizer: Authorizer;
  readonly lambda: LambdaHost;
  readonly codeBuild: CodeBuild;
  readonly retryMs?: number;
}): StepFunctions => {
  const { stack, authorizer, lambda, codeBuild, retryMs } = params;
  const machines = stack
    .ofType('AWS::StepFunctions::StateMachine')
    .map((resource) => readStateMachine(resource, retryMs));
  const executions = new Map<string, Execution>();

  const start = (call: AwsCall): object => {
    const input = read(call, ['stateMachineArn', 'name', 'input']);
    const stateMachineArn = input.text('stateMachineArn');
    call.demand({ action: 'states:StartExecution', resource: stateMachineArn });
    const machine = machines.find(({ arn }) => arn === stateMachineArn);
    if (machine === undefined) {
      throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
    }
    const name = input.optionalText('name') ?? randomUUID();
    if (!NAME.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    const text = input.optionalText('input') ?? '{}';
    const value = parseExecutionInput(text);
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const existing = executions.get(arn);
    if (existing !== undefined) {
      if (existing.end === undefined && existing.input === text) return startOutput(existing);
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const { roleArn } = machine;
    const run = machine.run(value, { stack, authorizer, lambda, codeBuild, stateMachineArn, roleArn });
    const execution: Execution = { arn, name, input: text, machine, startedAt: Date.now(), ...run };
    executions.set(arn, execution);
    void run.ended.then((how) => {
      execution.end = { at: Date.now(), how };
    });
    return startOutput(execution);
  };

  const find = (executionArn: string): Execution => {
    const found = executions.get(executionArn);
    if (found !== undefined) return found;
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
  };

  const describe = (call: AwsCall): object => {
    const executionArn = read(call, ['executionArn']).text('executionArn');
    call.demand({ action: 'states:DescribeExecution', resource: executionArn });
    return description(find(executionArn));
  };

  /** The service keeps why it was stopped; nobody asks for it here. */
  const stop = async (call: AwsCall): Promise<object> => {
    const executionArn = read(call, ['executionArn']).text('executionArn');
    call.demand({ action: 'states:StopExecution', resource: executionArn });
    const execution = find(executionArn);
    execution.abort();
    await execution.ended;
    return { stopDate: seconds(execution.end?.at ?? Date.now()) };
  };

  const operations: Readonly<Record<string, (call: AwsCall) => object | Promise<object>>> = {
    StartExecution: start,
    DescribeExecution: describe,
    StopExecution: stop,
  };
  return {
    name: 'states',
    handle: async (call) => {
      const operation = operations[call.action];
      if (operation === undefined) throw new AwsError('UnknownOperationException', `No operation ${call.action}.`);
      return {
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: JSON.stringify(await operation(call)),
      };
    },
    ended: async (executionArn) => find(executionArn).ended,
    close: () => {
      for (const { end, abort } of executions.values()) if (end === undefined) abort();
    },
  };
};

const read = ({ body }: AwsCall, known: readonly string[]): Input => readJsonInput(body, known, 'ValidationException');

const parseExecutionInput = (text: string): unknown => {
  if (Buffer.byteLength(text) > MAX_INPUT_BYTES) {
    throw new AwsError('ValidationException', `input must have at most ${MAX_INPUT_BYTES} bytes.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input: it is not JSON.');
  }
};

const startOutput = ({ arn, startedAt }: Execution): object => ({ executionArn: arn, startDate: seconds(startedAt) });

const description = ({ arn, name, input, machine, startedAt, end }: Execution): object => ({
  executionArn: arn,
  stateMachineArn: machine.arn,
  name,
  input,
  startDate: seconds(startedAt),
  status: end?.how.status ?? 'RUNNING',
  ...(end !== undefined && { stopDate: seconds(end.at) }),
  ...(end?.how.status === 'SUCCEEDED' && { output: JSON.stringify(end.how.output) }),
  ...(end?.how.status === 'FAILED' && { error: end.how.error, cause: end.how.cause }),
});

const seconds = (ms: number): number => ms / 1_000;
