import { describe, expect, it } from 'vitest';
import { batchSizeOf, marginalStep, millionOf, usageOf, usageOfReading } from '../../../bench/cost/instance-costs.ts';
import { listedDollars, priceLists } from '../../../bench/cost/price-lists.ts';
import { costResult, kindResult } from './cost-fixture.ts';

describe('what an instance costs', () => {
  const kind = kindResult({ tableWriteUnits: 10, indexWriteUnits: 20 }, { tableWriteUnits: 20, indexWriteUnits: 10 });

  it('is what all functions used but those that its callers read by', () => {
    expect(usageOf(kind)).toEqual({ tableWriteUnits: 3, indexWriteUnits: 3, queueRequests: 3 });
    expect(millionOf(kind)).toBeCloseTo(6 * 0.625 + 3 * 0.5);
  });

  it('leaves reading to a line of its own, by the read', () => {
    expect(usageOfReading(kind)).toEqual({ readUnits: 5, lambdaRequests: 1, httpRequests: 1 });
  });

  it('is less of the queue where several messages come at once', () => {
    expect(batchSizeOf(kind)).toBe(1);
    expect(batchSizeOf(kindResult({}, {}, 5))).toBe(2);
    expect(usageOf(kindResult({}, {}, 5)).queueRequests).toBe(2);
  });

  it('is, for one step more, the difference to an instance without steps', () => {
    const effectful = kindResult(
      { tableWriteUnits: 10, indexWriteUnits: 20 },
      { tableWriteUnits: 130, indexWriteUnits: 10 },
    );
    const { writeUnits, usdPerMillion } = marginalStep(costResult({ effectful }), 'effectful', 10);
    expect(writeUnits).toBeCloseTo(1.1);
    expect(usdPerMillion).toBeCloseTo(1.1 * 0.625);
  });
});

describe('what others ask', () => {
  const dollars = (steps: number, sleeps: number, events: number) =>
    priceLists.map((list) => [list.name, listedDollars(list, { steps, sleeps, events })]);

  it('for ten steps are ten transitions, eleven operations, eleven actions', () => {
    expect(Object.fromEntries(dollars(10, 0, 0))).toEqual({
      'Step Functions Standard': { low: 250, high: 250 },
      'Lambda durable functions': { low: 88, high: 88 },
      'Temporal Cloud': { low: 275, high: 550 },
    });
  });

  it('for an approval counts the event, and its time limit where that is a timer', () => {
    expect(Object.fromEntries(dollars(4, 0, 1))).toEqual({
      'Step Functions Standard': { low: 125, high: 125 },
      'Lambda durable functions': { low: 48, high: 48 },
      'Temporal Cloud': { low: 175, high: 350 },
    });
  });
});
