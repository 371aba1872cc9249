import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import type { TenonProps } from '../../lib/infra/tenon-props.ts';
import { ofType, synthesize, type Template } from './synthesize.ts';

const ACCOUNT = '111122223333';

const templateOf = (props: TenonProps): Template => {
  const { template, remove } = synthesize(props);
  remove();
  return template;
};

const functionOf = (template: Template, owner: string) =>
  ofType(template, 'AWS::Lambda::Function').find(([id]) => id.startsWith(owner))?.[1].Properties;

describe('the props', () => {
  it('set where alarms go, what the API is called, and how much it lets through', () => {
    const elsewhere = new Stack();
    const topic = `arn:aws:sns:eu-central-1:${ACCOUNT}:alarms`;
    const template = templateOf({
      alarmTopic: Topic.fromTopicArn(elsewhere, 'Topic', topic),
      domain: {
        name: 'workflows.example.com',
        certificate: Certificate.fromCertificateArn(
          elsewhere,
          'Certificate',
          `arn:aws:acm:eu-central-1:${ACCOUNT}:certificate/1`,
        ),
      },
      throttle: { ratePerSecond: 500, burst: 1_000 },
    });
    for (const [, { Properties }] of ofType(template, 'AWS::CloudWatch::Alarm')) {
      expect([Properties.AlarmActions, Properties.OKActions]).toEqual([[topic], [topic]]);
    }
    expect(template.Outputs.ApiUrl?.Value).toBe('https://workflows.example.com');
    expect(ofType(template, 'AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
    expect(ofType(template, 'AWS::ApiGatewayV2::Stage')[0]?.[1].Properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 500,
      ThrottlingBurstLimit: 1_000,
    });
  });

  it('tell what answers callers and what runs turns where spans go, and nobody else', () => {
    const template = templateOf({ otlp: { endpoint: 'https://collector.example.com' } });
    const told = ofType(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
      const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: name } =
        Properties.Environment?.Variables ?? {};
      return endpoint === undefined ? [] : [[id.slice(0, 10), endpoint, name]];
    });
    expect(told.map(([, ...values]) => values)).toEqual(Array(4).fill(['https://collector.example.com', 'Tenon']));
    expect(functionOf(templateOf({}), 'Dispatcher').Environment.Variables).not.toHaveProperty('OTEL_SERVICE_NAME');
  });

  it('set what becomes of data and logs, memory and concurrency', () => {
    const template = templateOf({
      removalPolicy: RemovalPolicy.DESTROY,
      logRetention: RetentionDays.ONE_WEEK,
      maxDispatchers: 7,
      functions: { dispatcher: { memoryMb: 4_096 }, 'long-poll': { reservedConcurrency: 0 } },
    });
    expect(Object.values(template.Resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')).toEqual([]);
    expect(ofType(template, 'AWS::DynamoDB::Table')[0]?.[1].Properties.DeletionProtectionEnabled).toBe(false);
    for (const [, { Properties }] of ofType(template, 'AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBe(7);
    const [[, source] = []] = ofType(template, 'AWS::Lambda::EventSourceMapping');
    expect(source?.Properties.ScalingConfig).toEqual({ MaximumConcurrency: 7 });
    expect(functionOf(template, 'Dispatcher').MemorySize).toBe(4_096);
    expect(functionOf(template, 'FrontDoorLongPoll').ReservedConcurrentExecutions).toBeUndefined();
  });

  it('leave out the parts of a level and of heavy steps where they are off, and every permission for them', () => {
    const template = templateOf({ isolationLevels: ['isolate'], sandbox: false });
    const text = JSON.stringify(template);
    for (const part of ['TenantIsolation', 'Sandbox', 'sts:TagSession', 'codebuild']) {
      expect(text).not.toContain(part);
    }
    expect(functionOf(template, 'FrontDoorApi').Environment.Variables.TENON_ISOLATION_LEVELS).toBe('isolate');
  });
});
