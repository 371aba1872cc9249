import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CodeBlock, codeBlocks } from './command-lines.ts';
import { DOCUMENTS, ROOT, read } from './documents.ts';
import { drawingProblems } from './mermaid.ts';
import { isChecked, NOT_RUN, shellLines } from './shell-lines.ts';
import { isFile, isTest, isWorkflow, isWorkflowBody } from './snippets.ts';

const BLOCKS = DOCUMENTS.flatMap((name) => codeBlocks(read(name)).map((block) => ({ ...block, name })));
type Placed = (typeof BLOCKS)[number];
const placeOf = ({ name, line }: Placed): string => `${name}:${line}`;

/** The folders whose files `own-binding.test.ts` and `own-load-runner.test.ts` lay out and run. */
const LAID_OUT = /^\/\/ (?:installation|loading)\//;

/** What takes a block of each language; `undefined`: nothing does. */
const TAKEN: Readonly<Record<string, (block: CodeBlock, name: string) => boolean>> = {
  ts: (block, name) =>
    isWorkflow(block) ||
    isWorkflowBody(block) ||
    (isTest(block) && name === 'docs/tenants.md') ||
    (isFile(block) && LAID_OUT.test(block.text) && name === 'docs/extending.md'),
  sh: ({ text }) => text.includes('curl ') || shellLines(text).every((line) => isChecked(line) || reasonOf(line)),
  json: ({ text }) => typeof JSON.parse(text) === 'object',
  mermaid: ({ text }) => drawingProblems(text).length === 0,
  // What something prints: nobody runs it, and the test of what prints it compares.
  text: (_, name) => name === 'tenant-examples/onboarding-builder/README.md',
};

const reasonOf = (line: string): boolean =>
  NOT_RUN.some(([start]) => line.startsWith(start)) ||
  (line.startsWith('node ') && existsSync(join(ROOT, line.split(' ')[1] ?? '')));

describe('every code block of the documents', () => {
  it('is taken by a test, by its language and what it is', () => {
    const left = BLOCKS.filter((block) => TAKEN[block.language]?.(block, block.name) !== true);
    expect(left.map(placeOf)).toEqual([]);
  });

  it.each(BLOCKS.filter(({ text }) => /^node /m.test(text)).map((block) => [placeOf(block), block] as const))(
    'at %s names a program of this project that ends well',
    (_, { text }) => {
      for (const line of shellLines(text).filter((command) => command.startsWith('node '))) {
        const { status, stderr } = spawnSync(process.execPath, line.split(' ').slice(1), {
          cwd: ROOT,
          encoding: 'utf8',
        });
        expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' });
      }
    },
  );

  it('that is not run has a reason, and no reason is there for nothing', () => {
    const lines = BLOCKS.filter(({ language }) => language === 'sh').flatMap(({ text }) => shellLines(text));
    for (const [start] of NOT_RUN)
      expect(
        lines.some((line) => line.startsWith(start)),
        start,
      ).toBe(true);
  });
});

describe('a drawing', () => {
  it.each([
    ['flowchart LR\n  a([one]) -->|"by, this"| b["two: (2)"] --> c[(three)]\n  subgraph d [four]\n    a\n  end', []],
    ['flowchart LR\n  a -> b', ['a -> b']],
    ['flowchart LR\n  a[one --> b', ['a[one --> b']],
    ['sequenceDiagram\n  participant A as one\n  A->>A: to itself', []],
    ['sequenceDiagram\n  participant A as one\n  A->>B: nobody', ['A->>B: nobody']],
    ['pie', ['neither a flowchart nor a sequence: pie']],
  ])('%j has the problems %j', (text, problems) => {
    expect(drawingProblems(text)).toEqual(problems);
  });
});
