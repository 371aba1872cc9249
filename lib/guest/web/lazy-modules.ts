import { beginTurn, setGate, type WebGate } from './gate.ts';
import type { GlobalName, ModuleName } from './global-names.ts';

/**
 * The only file that says `require` of a module of globals: the bundler makes a closure of each call, so that a module is
 * evaluated when the first of its globals is read. Plain Node cannot evaluate these; unit tests import the modules.
 */
type Exports = Readonly<Record<string, unknown>>;
declare const require: (path: string) => Exports;

const modules: Readonly<Record<ModuleName, () => Exports>> = {
  abort: () => require('./abort.ts'),
  base64: () => require('./base64.ts'),
  blob: () => require('./blob.ts'),
  console: () => require('./console.ts'),
  crypto: () => require('./crypto.ts'),
  domException: () => require('./dom-exception.ts'),
  encoding: () => require('./encoding.ts'),
  encodingStreams: () => require('./encoding-streams.ts'),
  event: () => require('./event.ts'),
  fetch: () => require('./fetch.ts'),
  formData: () => require('./form-data.ts'),
  headers: () => require('./headers.ts'),
  performance: () => require('./performance.ts'),
  request: () => require('./request.ts'),
  response: () => require('./response.ts'),
  streams: () => require('./streams.ts'),
  structuredClone: () => require('./structured-clone.ts'),
  subtle: () => require('./subtle.ts'),
  timers: () => require('./timers.ts'),
  url: () => require('./url.ts'),
  urlSearchParams: () => require('./url-search-params.ts'),
};

export interface LoadedModules {
  readonly read: (module: ModuleName, name: GlobalName) => unknown;
  readonly beginTurn: () => void;
}

/** Everything below shares this gate. */
export function openModules(gate: WebGate): LoadedModules {
  setGate(gate);
  return { read: (module, name) => modules[module]()[name], beginTurn };
}
