// A dispatcher in front of tenants' own code, as Cloudflare's dynamic-workflows has it: each tenant's source is loaded by
// Worker Loader, and the workflow engine comes back through the tenant named in the instance's metadata.
import {
  createDynamicWorkflowEntrypoint,
  DynamicWorkflowBinding,
  wrapWorkflowBinding,
} from '@cloudflare/dynamic-workflows';

type LoadedWorker = {
  getEntrypoint(name?: string): { fetch(request: Request): Promise<Response> };
};

type Environment = {
  TENANT_SOURCE: string;
  LOADER: { get(name: string, load: () => Promise<unknown>): LoadedWorker };
  WORKFLOWS: { get(id: string): Promise<{ status(): Promise<unknown> }> };
};

function loadTenant(env: Environment, tenant: string): LoadedWorker {
  return env.LOADER.get(tenant, async () => ({
    compatibilityDate: '2026-01-01',
    mainModule: 'tenant.js',
    modules: { 'tenant.js': env.TENANT_SOURCE },
    env: { WORKFLOWS: wrapWorkflowBinding({ tenant }) },
    globalOutbound: null,
  }));
}

export { DynamicWorkflowBinding };

export const TenantWorkflow = createDynamicWorkflowEntrypoint<Environment>(async ({ env, metadata }) =>
  loadTenant(env, metadata.tenant).getEntrypoint('TenSteps'),
);

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    const [, call, subject] = new URL(request.url).pathname.split('/');
    if (subject === undefined) return new Response('not found', { status: 404 });
    if (call === 'create') return loadTenant(env, subject).getEntrypoint().fetch(request);
    const instance = await env.WORKFLOWS.get(subject);
    return Response.json(await instance.status());
  },
};
