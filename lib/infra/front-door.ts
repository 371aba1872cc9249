import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { DomainName, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { TenonFunction } from './tenon-function.ts';
import type { TenonProps } from './tenon-props.ts';

/** An HTTP API gives up after 30 s: the function ends first and says so itself. */
const REQUEST_TIMEOUT = Duration.seconds(29);

/** Reads that may wait up to 20 s for something to happen. A creation with `?wait=` stays with the other creations. */
const LONG_POLLS = [
  '/v1/tenants/{tenant}/bundles/{id}',
  '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}',
  '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/subscribe',
  '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/logs',
  '/v1/tenants/{tenant}/logs',
];

/** The HTTP API: everything goes to `api`, reads that may wait go to `long-poll`, which has its environments for itself. */
export class FrontDoor extends Construct {
  readonly api: TenonFunction;
  readonly longPoll: TenonFunction;
  readonly httpApi: HttpApi;
  readonly url: string;

  constructor(scope: Construct, id: string, stackProps: TenonProps) {
    super(scope, id);
    this.api = new TenonFunction(this, 'Api', {
      name: 'api',
      stackProps,
      timeout: REQUEST_TIMEOUT,
      // Tenants' own pages are answered here.
      hasIsolates: true,
      hasPage: true,
    });
    this.longPoll = new TenonFunction(this, 'LongPoll', { name: 'long-poll', stackProps, timeout: REQUEST_TIMEOUT });

    this.httpApi = new HttpApi(this, 'HttpApi', {
      createDefaultStage: false,
      description: 'Durable workflows that follow the tenant',
      defaultIntegration: new HttpLambdaIntegration('Everything', this.api.lambda),
    });
    const waiting = new HttpLambdaIntegration('Waiting', this.longPoll.lambda);
    for (const path of LONG_POLLS) {
      this.httpApi.addRoutes({ path, methods: [HttpMethod.GET], integration: waiting });
    }

    const { domain, throttle } = stackProps;
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: stackProps.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        // No path and no query: they name tenants and their instances, and upload links carry their own permission.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            at: '$context.requestTimeEpoch',
            ip: '$context.identity.sourceIp',
            route: '$context.routeKey',
            status: '$context.status',
            durationMs: '$context.responseLatency',
            bytes: '$context.responseLength',
          }),
        ),
      },
      ...(throttle && { throttle: { rateLimit: throttle.ratePerSecond, burstLimit: throttle.burst } }),
      ...(domain && {
        domainMapping: {
          domainName: new DomainName(this, 'Domain', { domainName: domain.name, certificate: domain.certificate }),
        },
      }),
    });
    this.url = domain ? `https://${domain.name}` : this.httpApi.apiEndpoint;
    acknowledge(
      this.httpApi,
      'AwsSolutions-APIG4',
      'The functions authenticate each request themselves, by one consistent read: a revoked key is refused at once, where an authorizer would remember it, and errors keep the form of the contract.',
    );
  }
}
