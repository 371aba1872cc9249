import { BindingError } from '../bindings/binding-error.ts';
import { type BindingDefinition, type BindingMethod, defineBinding } from '../bindings/define-binding.ts';
import { MAX_FETCH_BODY_BYTES } from '../bindings/fetch/fetch-gateway.ts';
import { readFetchRequest } from '../bindings/fetch/fetch-request.ts';

/** A variable, or an object whose functions the workflow calls. */
export type TestBinding = object;
export type TestEnv = Readonly<Record<string, string | TestBinding>>;
/** Answers a `fetch` of the workflow. */
export type TestFetch = (request: Request) => Response | Promise<Response>;

/** An object of the test in `env`. What it throws reaches the workflow as an `Error` with its message. */
export const objectBinding = (name: string, object: TestBinding): BindingDefinition => {
  const functions = Object.entries(object).filter(([, value]) => typeof value === 'function');
  const methods = functions.map(([method, call]): [string, BindingMethod] => [
    method,
    (args) => told(() => call.apply(object, args)),
  ]);
  return defineBinding({
    name,
    methods: methods.map(([method]) => method),
    create: () => Object.fromEntries(methods),
  });
};

/** `fetch` by the test's own function; nothing leaves the machine. */
export const testFetchBinding = (answer: TestFetch = refuse): BindingDefinition =>
  defineBinding({
    name: '$fetch',
    type: 'fetch',
    methods: ['fetch'],
    create: () => ({
      fetch: ([call]) =>
        told(async () => {
          const { url, method, headers, body } = readFetchRequest(call, MAX_FETCH_BODY_BYTES);
          const request = new Request(url, {
            method,
            headers: [...headers],
            ...(body === undefined ? {} : { body: new Uint8Array(body) }),
          });
          const response = await answer(request);
          return {
            status: response.status,
            statusText: response.statusText,
            headers: [...response.headers],
            body: response.body === null ? null : new Uint8Array(await response.arrayBuffer()),
            url: url.href,
            redirected: false,
          };
        }),
    }),
  });

const refuse = ({ method, url }: Request): never => {
  throw new Error(`${method} ${url} was refused: a test reaches no network. Give testWorkflow a fetch that answers it`);
};

const told = async (call: () => unknown): Promise<unknown> => {
  try {
    return await call();
  } catch (error) {
    throw error instanceof TypeError ? error : new BindingError(error instanceof Error ? error.message : `${error}`);
  }
};
