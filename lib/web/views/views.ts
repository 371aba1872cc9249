import type { View } from './view.ts';

/** Below `#/t/<tenant>/`, in the order of the navigation; the first is where a tenant's address leads by itself. */
export const TENANT_VIEWS: readonly View[] = [
  { name: 'instances', title: 'Instances', load: async () => (await import('./instances.tsx')).Instances },
  { name: 'playground', title: 'Playground', load: async () => (await import('./playground.tsx')).Playground },
  { name: 'workflows', title: 'Workflows', load: async () => (await import('./workflows.tsx')).Workflows },
  { name: 'versions', title: 'Versions', load: async () => (await import('./versions.tsx')).Versions },
  { name: 'usage', title: 'Usage', load: async () => (await import('./usage.tsx')).Usage },
  { name: 'requests', title: 'Requests', load: async () => (await import('./requests.tsx')).Requests },
  { name: 'env', title: 'Variables', load: async () => (await import('./env.tsx')).Env },
  { name: 'audit', title: 'Audit', load: async () => (await import('./audit.tsx')).Audit },
  { name: 'keys', title: 'Keys', isForOperator: true, load: async () => (await import('./keys.tsx')).Keys },
  {
    name: 'settings',
    title: 'Settings',
    isForOperator: true,
    load: async () => (await import('./settings.tsx')).Settings,
  },
];

/** Below `#/`, shown with the operator's key alone. */
export const OPERATOR_VIEWS: readonly View[] = [
  { name: 'tenants', title: 'Tenants', load: async () => (await import('./tenants.tsx')).Tenants },
  { name: 'policies', title: 'Policies', load: async () => (await import('./policies.tsx')).Policies },
  { name: 'audit', title: 'Audit', load: async () => (await import('./audit.tsx')).Audit },
];
