import { describe, expect, it } from 'vitest';
import { readPayload } from '../../lib/web/playground/payload.ts';
import { workflowNames } from '../../lib/web/playground/workflow-names.ts';

describe('the workflows that a source exports', () => {
  it('are its classes that extend the entrypoint, in their order and each once', () => {
    const source = `
      export class B extends WorkflowEntrypoint<Env, Params> {}
      class Hidden extends WorkflowEntrypoint {}
      export class Helper extends Other {}
        export class A_1$ extends WorkflowEntrypoint {}
      export class B extends WorkflowEntrypoint {}`;
    expect(workflowNames(source)).toEqual(['B', 'A_1$']);
  });

  it('are none in a source that has none', () => {
    expect(workflowNames('export default { fetch() {} };')).toEqual([]);
  });
});

describe('a payload', () => {
  it.each([
    ['{"a": 1}', { kind: 'value', value: { a: 1 } }],
    ['null', { kind: 'value', value: null }],
    [' \n', { kind: 'none' }],
    ['{', { kind: 'invalid', message: expect.stringContaining('JSON') }],
  ])('of %j is read', (text, expected) => {
    expect(readPayload(text)).toEqual(expected);
  });
});
