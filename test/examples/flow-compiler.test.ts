import { transformSync } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFlow } from '../../tenant-examples/onboarding-builder/compile-flow.ts';
import { readText } from './catalogue.ts';

const flow = (): { nodes: Record<string, unknown>[]; edges: unknown[] } =>
  JSON.parse(readText('onboarding-builder/flows/team-onboarding.json'));

describe('the compiler of onboarding-builder', () => {
  it('answers whatever JSON comes, and throws for none', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(compileFlow(JSON.parse(text))).toMatchObject({ ok: false });
      }),
    );
  });

  it('answers whatever stands in one place of a flow, and what it writes is a module', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.string(),
      fc.constantFrom('{{payload.team}}', '{{ review.by }}', '{{\treview.by}}'),
    );
    fc.assert(
      fc.property(
        fc.nat(9),
        fc.constantFrom('id', 'kind', 'label', 'fields', 'with', 'if', 'result', 'for'),
        anything,
        (at, field, value) => {
          const changed = flow();
          const node = changed.nodes[at % changed.nodes.length];
          if (node !== undefined) node[field] = value;
          const compiled = compileFlow(changed);
          if (!compiled.ok) expect(compiled.problems.length).toBeGreaterThan(0);
          else transformSync(compiled.source, { loader: 'ts' });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('writes any text as a literal that has it, wherever it stands', () => {
    const results = fc.dictionary(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,9}$/), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(results, (result) => {
        fc.pre(Object.values(result).every((text) => !text.includes('{{')));
        const compiled = compileFlow({
          workflow: 'Texts',
          params: { name: 'string' },
          start: 'end',
          nodes: [{ id: 'end', kind: 'end', result }],
          edges: [],
        });
        if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
        const [, written = ''] = /return ([\s\S]*?);\n {2}\}\n\}\n$/.exec(compiled.source) ?? [];
        // With nothing around it: a text that had come out of its literal would be an error, or another text.
        expect(new Function(`return (${written})`)()).toEqual({ ...result });
      }),
    );
  });
});
