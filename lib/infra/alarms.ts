import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { METRICS } from '../aws-environment.ts';
import type { TenonFunction } from './tenon-function.ts';
import type { WorkQueue } from './work-queue.ts';

export interface Watched {
  readonly stackName: string;
  readonly queue: WorkQueue;
  readonly table: Table;
  readonly httpApi: HttpApi;
  readonly functions: readonly TenonFunction[];
  readonly sweeper: TenonFunction;
  /** ARN of the state machine of heavy steps, where there is one. */
  readonly sandboxArn: string | undefined;
}

export interface AlarmDefinition {
  /** Also the heading of its section in `docs/runbook.md`. */
  readonly name: string;
  /** What is the matter, as somebody reads it who was woken by it. */
  readonly says: string;
  readonly metric: IMetric;
  /** It goes off when the metric reaches this, `times` periods in a row. */
  readonly atLeast?: number;
  /** It goes off when the metric stays below this. */
  readonly below?: number;
  readonly times: number;
  /** Silence is trouble too. @default false */
  readonly isSilenceBad?: boolean;
}

const MINUTE = Duration.minutes(1);

export const alarmsOf = (watched: Watched): readonly AlarmDefinition[] => {
  const { queue, table, httpApi, functions, sweeper, sandboxArn } = watched;
  return [
    {
      name: 'dead-letters',
      says: 'Messages failed ten times and were put aside. Their instances wait for the sweeper.',
      metric: queue.deadLetters.metricApproximateNumberOfMessagesVisible({ period: MINUTE, statistic: Stats.MAXIMUM }),
      atLeast: 1,
      times: 1,
    },
    {
      name: 'old-messages',
      says: 'A wake-up has waited for five minutes: there are fewer dispatchers than work.',
      metric: queue.queue.metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: Stats.MAXIMUM }),
      atLeast: 300,
      times: 3,
    },
    {
      name: 'function-errors',
      says: 'Functions ended with an error or ran out of time.',
      metric: sumOf(functions, 'Errors'),
      atLeast: 5,
      times: 3,
    },
    {
      name: 'function-throttles',
      says: 'Lambda refused to start functions: the concurrency of the account or of a function is used up.',
      metric: sumOf(functions, 'Throttles'),
      atLeast: 10,
      times: 3,
    },
    {
      name: 'api-failures',
      says: 'The front door answers with 5xx.',
      metric: httpApi.metricServerError({ period: MINUTE, statistic: Stats.SUM }),
      atLeast: 5,
      times: 3,
    },
    {
      name: 'table-throttles',
      says: 'DynamoDB refuses reads or writes: one partition is hot, or traffic grew faster than the table.',
      metric: throttledRequests(table),
      atLeast: 10,
      times: 3,
    },
    {
      name: 'sweeper-finds',
      says: 'The sweeper wakes many overdue instances: messages or schedules get lost.',
      metric: new Metric({
        namespace: METRICS.namespace,
        metricName: METRICS.sweeperFinds,
        dimensionsMap: { [METRICS.stack]: watched.stackName },
        period: MINUTE,
        statistic: Stats.SUM,
      }),
      atLeast: 50,
      times: 5,
    },
    {
      name: 'sweeper-silent',
      says: 'The sweeper has not been called: nothing makes good a lost wake-up.',
      metric: sweeper.lambda.metricInvocations({ period: MINUTE, statistic: Stats.SUM }),
      below: 1,
      times: 5,
      isSilenceBad: true,
    },
    ...(sandboxArn === undefined
      ? []
      : [
          {
            name: 'sandbox-failures',
            says: 'State machines of heavy steps failed: their instances are not told that the step ended.',
            metric: new Metric({
              namespace: 'AWS/States',
              metricName: 'ExecutionsFailed',
              dimensionsMap: { StateMachineArn: sandboxArn },
              period: MINUTE,
              statistic: Stats.SUM,
            }),
            atLeast: 1,
            times: 1,
          },
        ]),
  ];
};

/** One line a function would be seven alarms of the same meaning; the dashboard tells which one it is. */
const sumOf = (functions: readonly TenonFunction[], metricName: 'Errors' | 'Throttles'): MathExpression => {
  const usingMetrics = Object.fromEntries(
    functions.map(({ lambda }, index) => [
      `m${index}`,
      lambda.metric(metricName, { period: MINUTE, statistic: Stats.SUM }),
    ]),
  );
  return new MathExpression({
    label: metricName,
    expression: `SUM([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    period: MINUTE,
  });
};

const throttledRequests = (table: Table): MathExpression => {
  const usingMetrics = {
    reads: table.metric('ReadThrottleEvents', { period: MINUTE, statistic: Stats.SUM }),
    writes: table.metric('WriteThrottleEvents', { period: MINUTE, statistic: Stats.SUM }),
  };
  return new MathExpression({
    label: 'throttled',
    expression: 'FILL(reads, 0) + FILL(writes, 0)',
    usingMetrics,
    period: MINUTE,
  });
};

/** No data point means that nothing happened, but for what must happen. */
export const onMissingData = ({ isSilenceBad }: AlarmDefinition): TreatMissingData =>
  isSilenceBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING;
