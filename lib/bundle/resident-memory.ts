import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Bytes of memory that processes hold together; one that has ended counts as nothing. */
export async function residentBytes(pids: readonly number[]): Promise<number> {
  const sizes = process.platform === 'linux' ? await Promise.all(pids.map(readStatus)) : await askPs(pids);
  return sizes.reduce((sum, kilobytes) => sum + kilobytes * 1_024, 0);
}

async function readStatus(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

async function askPs(pids: readonly number[]): Promise<readonly number[]> {
  const lines = await promisify(execFile)('ps', ['-o', 'rss=', '-p', pids.join(',')]).then(
    ({ stdout }) => stdout.trim().split('\n'),
    () => [],
  );
  return lines.map(Number);
}
