import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../infra/synthesize.ts';
import { ACKNOWLEDGED_LINTS } from './acknowledged-lints.ts';
import type { Oracle, OracleOutcome } from './oracle.ts';
import { absenceOf, findTool } from './python-tools.ts';

/** The oldest region, which has everything first, and one that is not. */
const REGIONS = ['us-east-1', 'eu-central-1'];

/** As `cfn-lint --format json` writes it, as far as it is read here. */
export interface Finding {
  readonly Level: string;
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
  readonly Rule: { readonly Id: string };
}

export const cfnLint: Oracle = {
  name: `cfn-lint (template, ${REGIONS.join(' and ')})`,
  ask: async () => {
    const tool = findTool('cfn-lint');
    if (tool === undefined) return { kind: 'skipped', reason: absenceOf('cfn-lint') };
    const synthesis = synthesize();
    try {
      const templates = readdirSync(synthesis.folder).filter((name) => name.endsWith('.template.json'));
      const files = templates.map((name) => join(synthesis.folder, name));
      const args = ['--format', 'json', '--regions', ...REGIONS, '--template', ...files];
      const { stdout, stderr, error } = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 });
      if (error !== undefined) throw error;
      return judgeFindings(readFindings(stdout, stderr), ACKNOWLEDGED_LINTS);
    } finally {
      synthesis.remove();
    }
  },
};

/** @throws Error where it did not come to an end: a linter that broke has found nothing */
export const readFindings = (stdout: string, stderr: string): readonly Finding[] => {
  try {
    return JSON.parse(stdout) as readonly Finding[];
  } catch {
    throw new Error(`cfn-lint gave no findings:\n${stdout}\n${stderr}`);
  }
};

export const judgeFindings = (
  findings: readonly Finding[],
  acknowledged: Readonly<Record<string, string>>,
): OracleOutcome => {
  const isAcknowledged = ({ Rule }: Finding): boolean => Rule.Id in acknowledged;
  const wrong = findings.filter((finding) => !isAcknowledged(finding));
  const found = new Set(findings.map(({ Rule }) => Rule.Id));
  const idle = Object.keys(acknowledged).filter((id) => !found.has(id));
  return {
    kind: 'asked',
    agrees: wrong.length === 0 && idle.length === 0,
    summary: `${wrong.length} findings, ${findings.length - wrong.length} acknowledged`,
    disagreements: [
      ...wrong.map(({ Level, Rule, Message, Location }) => `${Level} ${Rule.Id} ${placeOf(Location)}: ${Message}`),
      ...idle.map((id) => `${id} is acknowledged and finds nothing any more: take it out of acknowledged-lints.ts`),
    ],
  };
};

const placeOf = ({ Path: path }: Finding['Location']): string => (path ?? ['the template']).join('/');
