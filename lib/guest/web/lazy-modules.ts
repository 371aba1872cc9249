/**
 * The only file that says `require`: the bundler makes a closure of each call, so that a module of the prelude is evaluated
 * when the first of its globals is read. Plain Node cannot evaluate these; unit tests import the modules themselves.
 */
type Exports = Readonly<Record<string, unknown>>;
declare const require: (path: string) => Exports;

export interface LazyModule {
  readonly load: () => Exports;
  readonly names: readonly string[];
}

const lazy = (load: () => Exports, names: string): LazyModule => ({ load, names: names.split(' ') });

export const lazyModules: readonly LazyModule[] = [
  lazy(() => require('./abort.ts'), 'AbortController AbortSignal'),
  lazy(() => require('./base64.ts'), 'atob btoa'),
  lazy(() => require('./blob.ts'), 'Blob File'),
  lazy(() => require('./console.ts'), 'console'),
  lazy(() => require('./crypto.ts'), 'crypto Crypto'),
  lazy(() => require('./dom-exception.ts'), 'DOMException'),
  lazy(() => require('./encoding.ts'), 'TextDecoder TextEncoder'),
  lazy(() => require('./encoding-streams.ts'), 'TextDecoderStream TextEncoderStream'),
  lazy(() => require('./event.ts'), 'CustomEvent Event EventTarget'),
  lazy(() => require('./fetch.ts'), 'fetch'),
  lazy(() => require('./form-data.ts'), 'FormData'),
  lazy(() => require('./headers.ts'), 'Headers'),
  lazy(() => require('./performance.ts'), 'performance'),
  lazy(() => require('./request.ts'), 'Request'),
  lazy(() => require('./response.ts'), 'Response'),
  lazy(
    () => require('./streams.ts'),
    'ByteLengthQueuingStrategy CountQueuingStrategy ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController WritableStreamDefaultWriter',
  ),
  lazy(() => require('./structured-clone.ts'), 'structuredClone'),
  lazy(() => require('./subtle.ts'), 'CryptoKey SubtleCrypto'),
  lazy(() => require('./timers.ts'), 'clearInterval clearTimeout queueMicrotask setInterval setTimeout'),
  lazy(() => require('./url.ts'), 'URL'),
  lazy(() => require('./url-search-params.ts'), 'URLSearchParams'),
];
