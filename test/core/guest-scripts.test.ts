import { expect, it } from 'vitest';
import { withoutScriptFrames } from '../../lib/core/guest-scripts.ts';

it("frames of a guest's scripts are left out of a stack, and the tenant's own lines stay", () => {
  const stack = [
    'Error: no',
    '    at pay (workflow.ts:3:5)',
    '    at run (tenon-bundle.js:14:9)',
    '    at async step (tenon-prelude.js:1:20)',
  ].join('\n');
  expect(withoutScriptFrames(stack)).toBe('Error: no\n    at pay (workflow.ts:3:5)');
  expect(withoutScriptFrames('')).toBe('');
});
