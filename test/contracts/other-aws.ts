import type { Answer, Call, Service } from './aws-stand-ins.ts';

/** Another implementation to run the suites against, by its address: an oracle beside the stand-ins of this process. */
export const otherAws = process.env.TEST_AWS_ENDPOINT;

/** The stand-in, or what lies between the adapters and the other implementation and notes what they say to it. */
export const serviceOr = (standIn: Service): Service => (otherAws === undefined ? standIn : forwardingTo(otherAws));

/** What a connection carries for itself, or what changes when a body is read as a whole. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
]);

const forwardingTo =
  (endpoint: string): Service =>
  async ({ method, headers, body }: Call, { pathname, search }: URL): Promise<Answer> => {
    const response = await fetch(`${endpoint}${pathname}${search}`, {
      method,
      headers: kept(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      ...(method !== 'GET' && method !== 'HEAD' && { body: new Uint8Array(body) }),
      redirect: 'manual',
    });
    return {
      status: response.status,
      headers: kept([...response.headers]),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  };

const kept = (headers: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(headers.filter(([name]) => !OF_THE_CONNECTION.has(name)));
