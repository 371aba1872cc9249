import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startMoto } from './moto-server.ts';
import type { Oracle, OracleOutcome } from './oracle.ts';
import { absenceOf, findTool } from './python-tools.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

/** The contract suites by services; files by how their names begin. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  DynamoDB: ['dynamodb-'],
  'S3, SQS, Scheduler and KMS': ['s3-', 'sqs-', 'kms-'],
};

/** As vitest reports in JSON, as far as it is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

export const motoOracles: readonly Oracle[] = Object.entries(SUITES).map(([services, files]) => ({
  name: `moto (${services})`,
  ask: () => askMoto(files),
}));

const askMoto = async (files: readonly string[]): Promise<OracleOutcome> => {
  const tool = findTool('moto_server');
  if (tool === undefined) return { kind: 'skipped', reason: absenceOf('moto_server') };
  const folder = mkdtempSync(join(tmpdir(), 'tenon-moto-'));
  const moto = await startMoto(tool);
  try {
    const report = join(folder, 'report.json');
    const filters = files.map((name) => `test/contracts/${name}`);
    const args = [VITEST, 'run', ...filters, '--reporter=json', `--outputFile=${report}`];
    const env = { ...process.env, TEST_DYNAMODB: moto.endpoint, TEST_AWS_ENDPOINT: moto.endpoint };
    // Not awaited in one piece: somebody has to read what moto logs meanwhile, or it stops.
    const suites = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    suites.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString('utf8');
    });
    const [code] = await once(suites, 'close');
    return judgeReport(readReport(report, complaints), code === 0);
  } finally {
    await moto.stop();
    rmSync(folder, { recursive: true });
  }
};

const readReport = (file: string, complaints: string): Report => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    throw new Error(`the suites left no report:\n${complaints}`);
  }
};

const judgeReport = (report: Report, isClean: boolean): OracleOutcome => {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
  return {
    kind: 'asked',
    agrees: isClean && failed === 0 && passed > 0,
    summary: `${passed} of ${passed + failed} contracts hold, ${skipped} cannot be asked there`,
    disagreements: report.testResults.flatMap(({ message, assertionResults }) => [
      ...(message ? [message] : []),
      ...assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => [fullName, ...(failureMessages ?? [])].join('\n')),
    ]),
  };
};
