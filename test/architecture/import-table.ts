/**
 * Who may import whom: the table of the architecture as data. A module belongs to the unit with the longest path that
 * begins its own; what no unit holds is refused. Within a unit everything may import everything, cycles apart.
 */
export interface Unit {
  /** A folder, ending in `/`, or one module. */
  readonly path: string;
  /** Folders and modules that it may import. */
  readonly mayImport?: readonly string[];
  /** What it may import types from, and nothing that exists at run time. */
  readonly mayImportTypes?: readonly string[];
  /** npm packages; `@scope/*` is every package of a scope. */
  readonly packages?: readonly string[];
  /** Modules of Node: all, or these. */
  readonly node?: true | readonly string[];
  /** A composition root knows everything. */
  readonly isRoot?: true;
}

const CORE = 'lib/core/';
const PORTS = 'lib/ports/';
const SDK = 'lib/sdk/';
const POLYFILLS = ['devalue', 'web-streams-polyfill', '@noble/hashes'];

export const IMPORT_TABLE: readonly Unit[] = [
  { path: CORE },
  { path: SDK },
  { path: PORTS, mayImport: [CORE] },
  {
    path: 'lib/guest/',
    mayImport: [SDK, 'lib/core/replay/', 'lib/ports/turn-messages.ts'],
    mayImportTypes: [CORE],
    packages: POLYFILLS,
  },
  {
    path: 'lib/executor/',
    mayImport: [CORE, PORTS],
    packages: ['isolated-vm', '@jridgewell/trace-mapping'],
    node: true,
  },
  { path: 'lib/bundle/', mayImport: [PORTS], packages: ['esbuild'], node: true },
  { path: 'lib/dispatch/', mayImport: [CORE, PORTS] },
  { path: 'lib/bindings/', mayImport: [CORE, PORTS], packages: ['devalue', 'undici'], node: true },
  { path: 'lib/adapters/embedded/', mayImport: [CORE, PORTS], packages: ['@hono/node-server'], node: true },
  // Events of Lambda have types and nothing that exists at run time.
  { path: 'lib/adapters/aws/', mayImport: [CORE, PORTS], packages: ['@aws-sdk/*', 'aws-lambda'], node: true },
  { path: 'lib/adapters/node/', mayImport: [PORTS], packages: ['@opentelemetry/*'], node: true },
  // Hashing is pure; clock and randomness are ports.
  { path: 'lib/service/', mayImport: [CORE, PORTS, 'lib/dispatch/'], packages: ['croner'], node: ['node:crypto'] },
  {
    path: 'lib/http/',
    mayImport: ['lib/service/', CORE],
    mayImportTypes: [PORTS],
    packages: ['hono', 'zod', 'devalue'],
    node: ['node:crypto', 'node:buffer'],
  },
  // The typed client is the API's types with a `fetch`.
  {
    path: 'lib/web/',
    mayImport: ['lib/client/'],
    packages: [
      'preact',
      '@preact/signals',
      'codemirror',
      '@codemirror/*',
      '@lezer/highlight',
      '@valtown/codemirror-ts',
      '@typescript/*',
      // `crypto.subtle` is not there on a page that came without TLS.
      '@noble/hashes',
    ],
  },
  { path: 'lib/web/vite.config.ts', packages: ['vite'], node: ['node:path'] },
  { path: 'lib/client/' },
  // `tenon dev` starts the service in its own process.
  {
    path: 'lib/cli/',
    mayImport: ['lib/client/', 'lib/embedded.ts', 'lib/core/usage.ts'],
    packages: ['commander', 'fflate'],
    node: true,
  },
  // What `tenon init` writes into a tenant's project.
  { path: 'lib/cli/init/project/', mayImport: [SDK, 'lib/testing/'], node: ['node:assert/strict', 'node:test'] },
  // The tenants of `npm run demo`.
  { path: 'lib/cli/tour/tenants/', mayImport: [SDK] },
  // Tests of tenants run on the service itself, composed for them.
  { path: 'lib/testing/', isRoot: true },
  { path: 'lib/testing/guest/', mayImport: ['lib/core/replay/', 'lib/guest/'] },
  // Names that the stack and its functions say to each other by.
  { path: 'lib/aws-environment.ts' },
  {
    path: 'lib/infra/',
    // The table is made as the adapters' key design says.
    mayImport: ['lib/aws-environment.ts', 'lib/adapters/aws/dynamodb-keys.ts'],
    packages: ['aws-cdk-lib', 'constructs'],
    node: ['node:path', 'node:url'],
  },
  { path: 'lib/embedded.ts', isRoot: true },
  { path: 'lib/aws.ts', isRoot: true },
  { path: 'lib/aws/', isRoot: true },
  { path: 'functions/', mayImport: ['lib/aws.ts'], packages: ['aws-lambda'] },
  {
    path: 'bin/',
    mayImport: ['lib/infra/', 'lib/cli/', 'lib/web/vite.config.ts'],
    packages: ['aws-cdk-lib', 'cdk-nag', 'vite'],
    node: true,
  },
  { path: 'tenant-examples/', mayImport: [SDK, 'lib/testing/'], packages: ['vitest'] },
  // A product's own compiler, with its command: what it writes is a tenant's code, and it is none.
  {
    path: 'tenant-examples/onboarding-builder/',
    mayImport: [SDK, 'lib/testing/'],
    packages: ['vitest'],
    node: ['node:fs'],
  },
];

/** What tenants write, and where it leads. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ['tenon/testing', 'lib/testing/index.ts'],
  ['cloudflare:workers', 'lib/sdk/workers.ts'],
  ['cloudflare:workflows', 'lib/sdk/workflows.ts'],
  ['tenon:workers', 'lib/sdk/workers.ts'],
  ['tenon:workflows', 'lib/sdk/workflows.ts'],
]);

/** Where things go that nobody found a place for. */
export const FORBIDDEN_FOLDERS: readonly string[] = ['utils', 'common', 'helpers', 'shared'];
