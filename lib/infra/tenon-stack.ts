import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { VARIABLES } from '../aws-environment.ts';
import { BundleIntake } from './bundle-intake.ts';
import { FrontDoor } from './front-door.ts';
import { Operations } from './operations.ts';
import { Sandbox } from './sandbox.ts';
import { ALL_OF_ROWS, READING_ROWS, Storage } from './storage.ts';
import { TenantIsolation } from './tenant-isolation.ts';
import { TenonFunction } from './tenon-function.ts';
import type { TenonProps } from './tenon-props.ts';
import { Timers } from './timers.ts';
import { DISPATCHER_TIMEOUT, WorkQueue } from './work-queue.ts';

/**
 *   callers ──> front door ──────────> queue <── timers, sweeper
 *                 api, long-poll         │
 *                    │                   v            ┌──> executor, one tenant each
 *   uploads ──> bucket ──> bundle     dispatcher ─────┤
 *                 │        intake        │            └──> sandbox ──> finished ──> queue
 *                 v          v           v
 *               storage: table, bucket, vault key, operator key
 */
export class TenonStack extends Stack {
  constructor(scope: Construct, id: string, props: TenonProps & StackProps = {}) {
    super(scope, id, props);
    const storage = new Storage(this, 'Storage', props);
    const queue = new WorkQueue(this, 'WorkQueue');
    const timers = new Timers(this, 'Timers', { queue });
    const frontDoor = new FrontDoor(this, 'FrontDoor', props);
    const intake = new BundleIntake(this, 'BundleIntake', { stackProps: props, storage });
    const dispatcher = new TenonFunction(this, 'Dispatcher', {
      name: 'dispatcher',
      stackProps: props,
      timeout: DISPATCHER_TIMEOUT,
      hasIsolates: true,
      hasCompiler: props.hasTurnCompiler ?? false,
    });
    const sweeper = new TenonFunction(this, 'Sweeper', {
      name: 'sweeper',
      stackProps: props,
      timeout: Duration.seconds(55),
    });
    const { api, longPoll } = frontDoor;
    const { validator } = intake;
    const levels = props.isolationLevels ?? ['isolate', 'microvm'];
    const isolation = levels.includes('microvm')
      ? new TenantIsolation(this, 'TenantIsolation', {
          stackProps: props,
          storage,
          callers: [api, validator, dispatcher],
        })
      : undefined;
    const sandbox = props.sandbox === false ? undefined : new Sandbox(this, 'Sandbox', props);

    // What starts what.
    queue.feed(dispatcher, { maxConcurrency: props.maxDispatchers ?? 100 });
    timers.everyMinute('Sweep', sweeper);

    // Who may reach what.
    const finished = sandbox ? [sandbox.finished] : [];
    storage.letUseRows(longPoll, READING_ROWS);
    storage.letUseRows(validator, ['GetItem', 'PutItem']);
    for (const user of finished) storage.letUseRows(user, [...READING_ROWS, 'PutItem', 'UpdateItem']);
    // A tenant's removal goes through the list of its instances.
    // Tenants' transactions may look at rows that they do not write.
    for (const user of [api, dispatcher]) storage.letUseRows(user, [...ALL_OF_ROWS, 'ConditionCheckItem'], ['list']);
    storage.letUseRows(sweeper, ALL_OF_ROWS, ['wake']);
    for (const user of [api, longPoll, validator, dispatcher, ...finished]) storage.letReadObjects(user);
    storage.letListObjects(sweeper);
    for (const user of [api, validator, dispatcher, ...finished]) storage.letWriteObjects(user);
    for (const user of [api, validator, dispatcher, sweeper, ...finished]) storage.letRemoveObjects(user);
    storage.letGiveUpObjects(dispatcher);
    for (const user of [api, longPoll]) storage.letReadOperatorKey(user);
    storage.letSeal(api);
    // Tenants' own pages and turns read the tenant's secrets.
    for (const user of [api, dispatcher]) storage.letUnseal(user);
    for (const user of [api, dispatcher, sweeper, ...finished]) queue.letSend(user);
    for (const user of [longPoll, sweeper]) intake.letValidate(user);
    timers.letSchedule(dispatcher);
    sandbox?.letStart(dispatcher);
    api.tell({ [VARIABLES.isolationLevels]: levels.join() });
    if (props.suspendAfterStrikes !== undefined) {
      for (const user of [api, dispatcher]) {
        user.tell({ [VARIABLES.suspendAfterStrikes]: String(props.suspendAfterStrikes) });
      }
    }
    if (props.prices) api.tell({ [VARIABLES.prices]: JSON.stringify(props.prices) });
    for (const user of [api, longPoll, validator, dispatcher, ...finished, sweeper]) {
      user.tell({ [VARIABLES.stack]: this.stackName });
    }
    const executors = isolation ? [isolation.executor] : [];
    if (props.otlp) {
      for (const user of [api, longPoll, dispatcher, ...executors]) {
        user.tell({ OTEL_EXPORTER_OTLP_ENDPOINT: props.otlp.endpoint, OTEL_SERVICE_NAME: this.stackName });
      }
    }
    if (props.allowPrivateEgress === true) {
      for (const user of [api, dispatcher, ...executors]) user.tell({ [VARIABLES.allowPrivateEgress]: '1' });
    }

    const operations = new Operations(this, 'Operations', {
      stackProps: props,
      watched: {
        stackName: this.stackName,
        queue,
        table: storage.table,
        httpApi: frontDoor.httpApi,
        functions: [api, longPoll, validator, dispatcher, ...executors, ...finished, sweeper],
        sweeper,
        sandboxArn: sandbox?.stateMachine.attrArn,
      },
    });

    const tell = (name: string, description: string, value: string): CfnOutput =>
      new CfnOutput(this, name, { description, value });
    tell('ApiUrl', 'The HTTP API', frontDoor.url);
    tell(
      'OperatorKeyCommand',
      'Prints the operator key, made at the first deployment',
      `aws secretsmanager get-secret-value --region ${this.region} --secret-id ${storage.operatorSecret.secretArn} --query SecretString --output text`,
    );
    tell('TableName', 'Instances, journals, tenants and keys', storage.table.tableName);
    tell('BucketName', 'Bundles and large values', storage.bucket.bucketName);
    tell('DashboardUrl', 'Alarms and load', operations.dashboardUrl);
  }
}
