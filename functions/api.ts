import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { composeHttp, requestOf, resultOf } from '../lib/aws.ts';

const app = composeHttp({ hasGuests: true });

/** Everything that an HTTP API hands on, tenants' own pages included. */
export const handler = async (event: APIGatewayProxyEventV2) => resultOf(await app.fetch(requestOf(event)));
