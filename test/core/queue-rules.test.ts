import { describe, expect, it } from 'vitest';
import { isWorkflowName } from '../../lib/core/names.ts';
import { QUEUE_WORKFLOW, redeliveryDelayMs } from '../../lib/core/replay/queue-rules.ts';

describe('the messages of a queue', () => {
  it('are instances of a workflow whose name is one', () => {
    expect(isWorkflowName(QUEUE_WORKFLOW)).toBe(true);
  });

  it('wait twice as long after each delivery, from a second on', () => {
    expect([1, 2, 3, 5].map(redeliveryDelayMs)).toEqual([1_000, 2_000, 4_000, 16_000]);
  });
});
