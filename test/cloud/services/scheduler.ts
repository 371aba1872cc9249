import { type AwsAnswer, type AwsCall, AwsError, type AwsService } from '../contract.ts';
import { isScheduleName, readSchedule, SCHEDULE_FIELDS, type Schedule, scheduleArn } from './schedule.ts';
import { ScheduleClock, type ScheduleClockParams } from './schedule-clock.ts';
import { assumeAsService } from './service-roles.ts';
import { readJsonInput, readProperties } from './strict-input.ts';

const SERVICE = 'scheduler.amazonaws.com';

export interface Scheduler extends AwsService {
  /** Sets the template's own schedules going. @throws Error where one says what the local cloud does not know */
  start(): void;
  /** Names of the schedules of a group that have not rung. */
  namesIn(group: string): readonly string[];
  /** What that schedule tells its target. @throws Error where there is none of that name */
  inputOf(name: string): string;
  /** Rings that schedule now, as if its time had come. @throws Error where there is none of that name */
  ring(name: string): void;
  close(): void;
}

/** EventBridge Scheduler: the template's schedules and those that functions make. */
export const makeScheduler = (params: ScheduleClockParams): Scheduler => {
  const { stack } = params;
  const clock = new ScheduleClock(params);
  const schedules = new Map<string, { readonly schedule: Schedule; readonly cancel: () => void }>();
  const groups = ['default', ...stack.ofType('AWS::Scheduler::ScheduleGroup').map(({ ref }) => ref)];

  const add = (schedule: Schedule): void => {
    const onDone = (): void => {
      if (schedule.isRemovedWhenDone) schedules.delete(schedule.arn);
    };
    schedules.set(schedule.arn, { schedule, cancel: schedule.isEnabled ? clock.set(schedule, onDone) : () => {} });
  };
  const demandGroup = (group: string): void => {
    if (!groups.includes(group)) throw notFound(`Schedule group ${group} does not exist.`);
  };

  const create = (call: AwsCall, name: string): AwsAnswer => {
    const input = readJsonInput(call.body, [...SCHEDULE_FIELDS, 'ClientToken'], 'ValidationException');
    const clientToken = input.optionalText('ClientToken');
    const schedule = readSchedule({
      stack,
      input,
      name,
      ...(clientToken !== undefined && { clientToken }),
      refuse: invalid,
    });
    const { arn, expression, expressionText, group } = schedule;
    const { roleArn } = schedule.target;
    call.demand({ action: 'scheduler:CreateSchedule', resource: arn });
    call.demand({ action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': SERVICE } });
    demandGroup(group);
    const existing = schedules.get(arn)?.schedule;
    if (existing !== undefined) {
      // A client that tries again, because it did not hear the answer.
      if (clientToken !== undefined && existing.clientToken === clientToken) return json({ ScheduleArn: arn });
      throw new AwsError('ConflictException', `Schedule ${name} already exists.`, 409);
    }
    if (expression.kind === 'at' && expression.at <= Date.now()) {
      throw invalid(`Invalid Schedule Expression ${expressionText}: it lies in the past.`);
    }
    demandTrust(params, schedule);
    add(schedule);
    return json({ ScheduleArn: arn });
  };

  const find = (call: AwsCall, name: string, action: string): Schedule => {
    const group = call.query.get('groupName') ?? 'default';
    call.demand({ action, resource: scheduleArn(stack, group, name) });
    const found = schedules.get(scheduleArn(stack, group, name));
    if (found === undefined) throw notFound(`Schedule ${name} does not exist.`);
    return found.schedule;
  };

  const named = (name: string) => {
    const found = [...schedules.values()].find(({ schedule }) => schedule.name === name);
    if (found === undefined) throw new Error(`There is no schedule ${name}.`);
    return found;
  };

  return {
    name: 'scheduler',
    handle: async (call) => {
      const name = nameIn(call);
      switch (call.method) {
        case 'POST':
          onlyQuery(call, []);
          return create(call, name);
        case 'GET':
          onlyQuery(call, ['groupName']);
          return json(describe(find(call, name, 'scheduler:GetSchedule')));
        case 'DELETE': {
          onlyQuery(call, ['groupName', 'clientToken']);
          const { arn } = find(call, name, 'scheduler:DeleteSchedule');
          schedules.get(arn)?.cancel();
          schedules.delete(arn);
          return json({});
        }
        default:
          throw unknownOperation(call);
      }
    },
    start: () => {
      for (const resource of stack.ofType('AWS::Scheduler::Schedule')) {
        const schedule = readSchedule({
          stack,
          input: readProperties(resource, SCHEDULE_FIELDS),
          name: resource.ref,
          refuse: (message) => new Error(`${resource.logicalId}: ${message}`),
        });
        demandGroup(schedule.group);
        demandTrust(params, schedule);
        add(schedule);
      }
    },
    namesIn: (group) =>
      [...schedules.values()].flatMap(({ schedule }) => (schedule.group === group ? [schedule.name] : [])),
    inputOf: (name) => named(name).schedule.target.input ?? '',
    ring: (name) => {
      const found = named(name);
      clock.ring(found.schedule);
      if (found.schedule.expression.kind !== 'at') return;
      found.cancel();
      if (found.schedule.isRemovedWhenDone) schedules.delete(found.schedule.arn);
    },
    close: () => clock.close(),
  };
};

/** The service tries the role before it takes the schedule. */
const demandTrust = ({ authorizer, stack }: ScheduleClockParams, { arn, target }: Schedule): void => {
  try {
    assumeAsService({ authorizer, stack, service: SERVICE, roleArn: target.roleArn, sourceArn: arn });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.');
  }
};

const describe = (schedule: Schedule): object => {
  const { target } = schedule;
  return {
    Arn: schedule.arn,
    Name: schedule.name,
    GroupName: schedule.group,
    ScheduleExpression: schedule.expressionText,
    ScheduleExpressionTimezone: 'UTC',
    State: schedule.isEnabled ? 'ENABLED' : 'DISABLED',
    ActionAfterCompletion: schedule.isRemovedWhenDone ? 'DELETE' : 'NONE',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: target.arn, RoleArn: target.roleArn, ...(target.input !== undefined && { Input: target.input }) },
  };
};

const nameIn = (call: AwsCall): string => {
  const [, encoded] = /^\/schedules\/([^/]+)$/.exec(call.path) ?? [];
  if (encoded === undefined) throw unknownOperation(call);
  const name = decodeURIComponent(encoded);
  if (!isScheduleName(name)) throw invalid('Name must have 1 to 64 letters, digits, "-", "_" and ".".');
  return name;
};

const onlyQuery = ({ query }: AwsCall, known: readonly string[]): void => {
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`The local cloud does not know the parameter ${unknown}.`);
};

const json = (output: object): AwsAnswer => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(output),
});

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, 404);
const unknownOperation = ({ method, path }: AwsCall): AwsError =>
  new AwsError('UnknownOperationException', `No operation ${method} ${path}.`, 404);
