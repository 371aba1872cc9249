import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Declaration, declarationsIn, type Member } from './declarations.ts';
import { ROOT } from './documents.ts';

/** The files of the SDK, in the order in which a reader needs them. */
const FILES = [
  ['workers', 'Workflows'],
  ['step', 'Steps'],
  ['workflows', 'Errors'],
  ['binding', '`env.WORKFLOWS`'],
  ['instance-events', 'What a subscription tells'],
  ['storage', '`env.STORAGE`'],
  ['cache', '`env.CACHE`'],
  ['bucket', '`env.BUCKET`'],
  ['queue', '`env.QUEUE`'],
  ['sandbox', '`env.SANDBOX`'],
] as const;

const HEAD = `# API reference

What \`import … from 'cloudflare:workers'\` and \`'cloudflare:workflows'\` give (\`tenon:workers\` and \`tenon:workflows\` are the same), written by \`npm run docs:api\` from
the doc comments of \`lib/sdk\`. [Writing workflows](tenants.md) is the guide. With \`types: ["tenon-sdk/cloudflare"]\` the names \`Workflow\`, \`WorkflowInstance\`,
\`WorkflowInstanceCreateOptions\` and \`InstanceStatus\` are global as well.
`;

const TAGS: Readonly<Record<string, string>> = {
  default: 'Default:',
  throws: 'Throws',
  returns: 'Gives',
  deprecated: 'Deprecated:',
};

/** Everything that tenants import, with what the SDK's comments say of it. */
export const declaredBySdk = (): readonly {
  readonly title: string;
  readonly doc: string;
  readonly declarations: readonly Declaration[];
}[] =>
  FILES.map(([file, title]) => {
    const path = join(ROOT, `lib/sdk/${file}.ts`);
    return { title, ...declarationsIn(path, readFileSync(path, 'utf8')) };
  });

/** The text of `docs/api-reference.md`. */
export const apiReference = (): string => {
  const sections = declaredBySdk().map(({ title, doc, declarations }) =>
    [`## ${title}\n`, ...(doc === '' ? [] : [`${prose(doc)}\n`]), ...declarations.map(declarationText)].join('\n'),
  );
  return [HEAD, ...sections].join('\n');
};

const declarationText = ({ name, head, doc, members }: Declaration): string => {
  // What a type says by itself stands in its head.
  const shown = head.startsWith('type ') ? members.filter((member) => member.doc !== '') : members;
  const rows = shown.map(
    ({ signature, doc: said }: Member) => `| ${cell(code(signature))} | ${cell(prose(said, '<br>'))} |`,
  );
  const table = rows.length === 0 ? [] : ['| | |', '| --- | --- |', ...rows, ''];
  return [`### ${name}`, '', ...(doc === '' ? [] : [prose(doc), '']), code(head), '', ...table].join('\n');
};

/** A comment as running text, with a line of its own for what each tag says. */
const prose = (doc: string, lineEnd = '\n\n'): string =>
  doc
    .split(/\n(?=@)|(?<=[.`)]) (?=@)/)
    .map((part) =>
      part
        .replace(/\s+/g, ' ')
        .replace(/^@(?:param|typeParam) (\S+) /, '`$1`: ')
        .replace(/^@(\w+)/, (tag, name: string) => TAGS[name] ?? tag)
        .trim(),
    )
    .join(lineEnd);

/** The signs of code are doubled around code that has some itself. */
const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

const cell = (text: string): string => text.replaceAll('|', '\\|');
