// Started by the benchmark in the folder where the packages are installed:
// node server.ts <dispatcher bundle> <tenant source> <data folder>
import { readFileSync } from 'node:fs';
import { Miniflare } from 'miniflare';

const [dispatcherFile = '', tenantFile = '', dataFolder = ''] = process.argv.slice(2);

const miniflare = new Miniflare({
  host: '127.0.0.1',
  port: 0,
  // Otherwise it asks a server of Cloudflare for a description of this place, and reports its use.
  cf: false,
  telemetry: { enabled: false },
  workflowsPersist: dataFolder,
  workers: [
    {
      name: 'dispatcher',
      modules: [{ type: 'ESModule', path: 'dispatcher.js', contents: readFileSync(dispatcherFile, 'utf8') }],
      modulesRoot: '/',
      compatibilityDate: '2026-01-01',
      compatibilityFlags: ['experimental'],
      bindings: { TENANT_SOURCE: readFileSync(tenantFile, 'utf8') },
      workerLoaders: { LOADER: {} },
      workflows: { WORKFLOWS: { name: 'ten-steps', className: 'TenantWorkflow' } },
    },
  ],
});

process.once('SIGTERM', () => void miniflare.dispose().then(() => process.exit(0)));
console.log(`listening ${(await miniflare.ready).origin}`);
