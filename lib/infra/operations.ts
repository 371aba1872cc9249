import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import { type AlarmDefinition, alarmsOf, onMissingData, type Watched } from './alarms.ts';
import type { TenonProps } from './tenon-props.ts';

export interface OperationsProps {
  readonly stackProps: TenonProps;
  readonly watched: Watched;
}

/** Named alarms, each with a section in `docs/runbook.md`, and one dashboard that shows them and what moves them. */
export class Operations extends Construct {
  readonly dashboardUrl: string;

  constructor(scope: Construct, id: string, { stackProps, watched }: OperationsProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const action = stackProps.alarmTopic && new SnsAction(stackProps.alarmTopic);
    const definitions = alarmsOf(watched);
    const alarms = definitions.map((definition) => {
      const alarm = this.#makeAlarm(watched.stackName, definition);
      if (action) {
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
      }
      return alarm;
    });

    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: watched.stackName,
      defaultInterval: Duration.hours(3),
    });
    dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24 }));
    dashboard.addWidgets(...definitions.map(({ name, metric }) => graph(name, [metric])));
    dashboard.addWidgets(
      graph(
        'Function durations, p99',
        watched.functions.map(({ name, lambda }) => lambda.metricDuration({ label: name, statistic: 'p99' })),
      ),
      graph(
        'Function errors',
        watched.functions.map(({ name, lambda }) => lambda.metricErrors({ label: name })),
      ),
      graph('Table units', [
        watched.table.metricConsumedReadCapacityUnits({ label: 'read' }),
        watched.table.metricConsumedWriteCapacityUnits({ label: 'write' }),
      ]),
    );
    this.dashboardUrl = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards:name=${watched.stackName}`;
  }

  #makeAlarm(stackName: string, definition: AlarmDefinition): Alarm {
    const { name, says, metric, times, atLeast, below } = definition;
    return new Alarm(this, name, {
      alarmName: `${stackName}-${name}`,
      alarmDescription: `${says} What to do: docs/runbook.md#${name}`,
      metric,
      threshold: atLeast ?? below ?? 1,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: times,
      treatMissingData: onMissingData(definition),
    });
  }
}

const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: 8 });
