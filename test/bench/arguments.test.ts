import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from '../../bench/arguments.ts';

describe('arguments of the benchmark', () => {
  it('measures W1 with both peers, three rounds and one and fifty callers unless told otherwise', () => {
    expect(parseArguments([])).toMatchObject({
      kind: 'workload',
      workload: 'W1',
      peers: ['cloudflare', 'restate'],
      rounds: 3,
      callers: [1, 50],
      isJson: false,
      isSaved: true,
    });
  });

  it('takes peers, rounds and callers from the command line', () => {
    const words = ['W1', '--peers', 'restate', '--rounds', '5', '--callers', '1,8', '--json', '--no-save'];
    expect(parseArguments(words)).toMatchObject({
      peers: ['restate'],
      rounds: 5,
      callers: [1, 8],
      isJson: true,
      isSaved: false,
    });
  });

  it('knows no peer under the word none', () => {
    expect(parseArguments(['--peers', 'none'])).toMatchObject({ peers: [] });
  });

  it('profiles our server alone, once, and saves nothing', () => {
    expect(parseArguments(['--profile'])).toMatchObject({ peers: [], rounds: 1, callers: [50], isSaved: false });
  });

  it('counts costs with W7, one caller unless told otherwise', () => {
    const asUsual = { kind: 'cost', instances: 100, callers: 1, isJson: false, isSaved: true };
    expect(parseArguments(['w7'])).toEqual(asUsual);
    const words = ['W7', '--total', '20', '--callers', '4', '--no-save'];
    expect(parseArguments(words)).toEqual({ ...asUsual, instances: 20, callers: 4, isSaved: false });
  });

  it('makes the page of results with the word report', () => {
    expect(parseArguments(['report'])).toEqual({ kind: 'report' });
  });

  it.each([
    ['--rounds', '0'],
    ['--callers', '1,,2'],
    ['--callers', '1,1'],
    ['--seconds', 'x'],
    ['--fast'],
    ['W1', 'W2'],
    ['W7', '--callers', '1,50'],
    ['W7', '--rounds', '3'],
    ['W7', '--profile'],
  ])('refuses %s %s and says why', (...words) => {
    expect(() => parseArguments(words)).toThrow(UsageError);
  });
});
