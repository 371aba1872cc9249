import { CALLS, type Flow } from './flow.ts';
import { variable } from './values-to-code.ts';

const DECISION = `
interface Decision {
  approved: boolean;
  by: string;
}

/** Silence is a no. */
const decision = async (step: WorkflowStep, name: string, type: string, timeout: WorkflowTimeoutDuration) => {
  try {
    const { payload } = await step.waitForEvent<Decision>(name, { type, timeout });
    return payload;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowTimeoutError') return { approved: false, by: 'nobody' };
    throw error;
  }
};
`;

const REQUEST = `
/** Answers with the JSON that came, where any did. */
const request = async (url: string, init: RequestInit) => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(\`\${new URL(url).host} answered \${response.status}\`);
  const text = await response.text();
  return text === '' ? {} : JSON.parse(text);
};
`;

/** The whole module around the statements of `run`. */
export const moduleOf = ({ workflow, params, nodes }: Flow, body: string): string => {
  const kinds = new Set([...nodes.values()].map(({ kind }) => kind));
  const bindings = new Map(
    [...nodes.values()].flatMap((node) =>
      node.kind === 'call' ? [[node.call.split('.')[0] ?? '', CALLS[node.call].type] as const] : [],
    ),
  );
  const types = [...new Set([...bindings.values(), 'WorkflowEvent', 'WorkflowStep'])];
  if (kinds.has('approval')) types.push('WorkflowTimeoutDuration');
  const names = [...types.map((name) => `type ${name}`), 'WorkflowEntrypoint'].sort(byName);
  const imports = names.length > 4 ? `\n${names.join(',\n')},\n` : ` ${names.join(', ')} `;
  const env = [...bindings].map(([name, type]) => `${name}: ${type};`);
  const payload = [...params].map(([name, type]) => `${name}: ${type};`);
  return indented(`import {${imports}} from 'cloudflare:workers';

// Compiled from a flow: what is to change is changed there.
${env.length === 0 ? '' : `\ninterface Env {\n${env.join('\n')}\n}\n`}
interface Payload {
${payload.join('\n')}
}
${kinds.has('approval') ? DECISION : ''}${kinds.has('request') ? REQUEST : ''}
export class ${workflow} extends WorkflowEntrypoint<${env.length === 0 ? 'unknown' : 'Env'}, Payload> {
async run(event: WorkflowEvent<Payload>, step: WorkflowStep) {
const ${variable('payload')} = event.payload;
${body}
}
}
`);
};

const byName = (left: string, right: string): number =>
  left.replace('type ', '').localeCompare(right.replace('type ', ''), 'en');

/** Two spaces for each bracket that is open at a line's begin. */
const indented = (source: string): string => {
  let depth = 0;
  return source
    .split('\n')
    .map((line) => {
      const text = line.trim();
      if (/^[})]/.test(text)) depth -= 1;
      const written = text === '' ? '' : `${'  '.repeat(depth)}${text}`;
      if (/[{(]$|=>$/.test(text)) depth += 1;
      return written;
    })
    .join('\n');
};
