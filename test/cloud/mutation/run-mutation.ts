import type { Template } from '../template/template.ts';
import { EQUIVALENTS } from './equivalents.ts';
import type { Mutant } from './mutant.ts';
import { mutantsOf } from './mutants.ts';
import type { Probe } from './probe.ts';
import { compileProbeBundle } from './probe-bundle.ts';
import { PROBES } from './probes.ts';
import { type Noticed, runProbes } from './run-probes.ts';
import { type Uses, usesOf } from './uses.ts';

export interface MutationOptions {
  readonly template: Template;
  readonly assemblyFolder: string;
  /** Mutants at a time. */
  readonly concurrency: number;
  /** Those whose name has this text. @default all */
  readonly only?: string;
  readonly say: (line: string) => void;
}

export interface MutationResult {
  readonly noticed: number;
  /** Without those that are equal. */
  readonly asked: number;
  /** As good as the template itself, on AWS too, for a reason that is written down. */
  readonly equal: number;
  readonly survivors: readonly string[];
}

/**
 * Takes every permission, condition, variable and wire out of the template in turn, and looks whether somebody notices.
 * @throws Error where the template itself does not pass the probes
 */
export const runMutation = async (options: MutationOptions): Promise<MutationResult> => {
  const { template, assemblyFolder, concurrency, only, say } = options;
  const bundle = await compileProbeBundle();
  const uses: Uses = await usesOf({ template, assemblyFolder, bundle });
  const all = mutantsOf(template).filter(({ name }) => only === undefined || name.includes(only));
  const isEqual = ({ name }: Mutant): boolean => EQUIVALENTS.some(({ mutant }) => mutant.test(name));
  const waiting = all.filter((mutant) => !isEqual(mutant));
  const asked = waiting.length;
  const survivors: string[] = [];

  const attempt = async (mutant: Mutant): Promise<void> => {
    const startedAt = performance.now();
    const probes = likeliestFirst(mutant, uses);
    const noticed = await runProbes({ template: mutant.template, assemblyFolder, bundle, probes, concurrency: 3 });
    const s = ((performance.now() - startedAt) / 1_000).toFixed(1);
    if (noticed === undefined) survivors.push(mutant.name);
    say(`${noticed ? 'noticed ' : 'SURVIVED'} ${s.padStart(5)} s  ${mutant.name}${told(noticed)}`);
  };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await attempt(next);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { noticed: asked - survivors.length, asked, equal: all.length - asked, survivors };
};

const told = (noticed: Noticed | undefined): string => (noticed ? `\n           by: ${noticed.by}` : '');

/** Policies are asked in milliseconds; then whoever has used what is missing, those first that used it for least else. */
const likeliestFirst = ({ name, concerns, kind }: Mutant, uses: Uses): readonly Probe[] => {
  const rankOf = (probe: Probe): number => {
    if (probe.about?.test(name)) return -1;
    if (!uses.has(probe)) return kind === 'condition' ? -1 : 0;
    const used = uses.get(probe) ?? new Set<string>();
    const rank = concerns.findIndex((concern) => used.has(concern));
    return rank < 0 ? concerns.length + 1 : rank + 1;
  };
  const costOf = (probe: Probe): number => uses.get(probe)?.size ?? 0;
  return PROBES.toSorted((a, b) => rankOf(a) - rankOf(b) || costOf(a) - costOf(b));
};
