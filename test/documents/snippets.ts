import type { CodeBlock } from './command-lines.ts';

const isTypeScript = ({ language }: CodeBlock): boolean => language === 'ts';

/** A module with a workflow, as a tenant uploads it. */
export const isWorkflow = (block: CodeBlock): boolean =>
  isTypeScript(block) && block.text.includes("'cloudflare:workers'");

/** Of several files that a document lays out, `// folder/file.ts`. */
export const isFile = (block: CodeBlock): boolean => isTypeScript(block) && /^\/\/ \S+\.ts\n/.test(block.text);

/** A test of a tenant's. */
export const isTest = (block: CodeBlock): boolean => isTypeScript(block) && block.text.includes("'tenon/testing'");

/** The body of `run(event, step)`, with `env`. */
export const isWorkflowBody = (block: CodeBlock): boolean =>
  isTypeScript(block) && !isFile(block) && !/^(?:import|export) /m.test(block.text);

/** A module around such a body, with everything in it that examples name. */
export const asModule = (body: string): string => `
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';

// Of examples that throw none.
void NonRetryableError;

export class Example extends WorkflowEntrypoint<Record<string, any>, any> {
  async run(event: WorkflowEvent<any>, step: WorkflowStep): Promise<unknown> {
    const { env } = this;
    void [event, step, env];
${body}
    return undefined;
  }
}
`;
