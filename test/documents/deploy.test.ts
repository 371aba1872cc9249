import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../smoke/checks.ts';
import { ROOT, read } from './documents.ts';

const DEPLOY = read('docs/deploy.md');
const STACK = read('lib/infra/tenon-stack.ts');
const PROPS = read('lib/infra/tenon-props.ts');

/** The first cells of the table below this head. */
const rowsBelow = (head: string): readonly string[] => {
  const table = DEPLOY.slice(DEPLOY.indexOf(head)).split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `(\w+)`(?:, `(\w+)`)? \|/gm)].flatMap(([, one = '', two]) => [
    one,
    ...(two === undefined ? [] : [two]),
  ]);
};

describe('what docs/deploy.md says of the stack', () => {
  it('names the outputs that there are', () => {
    const told = [...STACK.matchAll(/\btell\(\s*'(\w+)'/g)].map(([, name]) => name);
    expect([...rowsBelow('| output | |')].sort()).toEqual(told.sort());
  });

  it('names fields that the stack has', () => {
    const fields = [...PROPS.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
    const told = rowsBelow('| field |');
    expect(told.length).toBeGreaterThan(8);
    expect(told.filter((name) => !fields.includes(name))).toEqual([]);
  });

  it('counts the concurrency that the stack reserves', () => {
    const reserved = [...PROPS.matchAll(/reservedConcurrency: (\d+)/g)].map(([, count]) => Number(count));
    const sum = reserved.reduce((left, right) => left + right, 0);
    expect(DEPLOY).toContain(`The stack reserves ${sum} (`);
    expect(DEPLOY).toContain(`less than ${sum + 100} the deployment fails`);
  });

  it('counts the checks of the smoke test, with tenants made and removed', () => {
    expect(DEPLOY).toContain(`\`smoke: ${CHECKS.length + 2} of ${CHECKS.length + 2}\``);
  });

  it('names the CLI that the project pins', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
    expect(DEPLOY).toContain(`\`aws-cdk\` ${devDependencies['aws-cdk']}`);
  });
});

describe('what the other documents for operators say of the code', () => {
  it.each([
    'docs/security.md',
    'docs/architecture.md',
    'docs/extending.md',
    'docs/runbook.md',
    'docs/cost.md',
    'CONTRIBUTING.md',
  ])('%s names files and folders that there are', (name) => {
    const named = [...read(name).matchAll(/`((?:lib|test|bench|functions|bin|tenant-examples)\/[\w./-]+)`/g)];
    const lost = named.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)));
    expect(lost).toEqual([]);
  });
});
