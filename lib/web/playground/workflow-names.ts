const EXPORTED = /^\s*export\s+(?:default\s+)?class\s+([A-Za-z_$][\w$]*)\s+extends\s+WorkflowEntrypoint\b/gm;

/** Of the classes that a source seems to export as workflows, in its order. The upload tells for sure. */
export const workflowNames = (source: string): readonly string[] => [
  ...new Set([...source.matchAll(EXPORTED)].map(([, name]) => name ?? '')),
];
