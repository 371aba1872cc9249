import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { composeHttp, requestOf, resultOf } from '../lib/aws.ts';

const app = composeHttp({ hasGuests: false });

/** Reads that may wait: they have environments for themselves. */
export const handler = async (event: APIGatewayProxyEventV2) => resultOf(await app.fetch(requestOf(event)));
