import { readdir, readFile } from 'node:fs/promises';

/**
 * Memory of a process and all that stem from it, bytes: what only they hold, without the files that they have mapped.
 * What ends while one looks counts nothing.
 */
export const treeMemory = async (pid: number): Promise<number> => {
  let bytes = 0;
  let generation: readonly number[] = [pid];
  while (generation.length > 0) {
    const found = await Promise.all(generation.map(lookAt));
    bytes += found.reduce((sum, one) => sum + one.bytes, 0);
    generation = found.flatMap(({ children }) => children);
  }
  return bytes;
};

const lookAt = async (pid: number): Promise<{ readonly bytes: number; readonly children: readonly number[] }> => {
  try {
    const folder = `/proc/${pid}`;
    const [status, threads] = await Promise.all([readFile(`${folder}/status`, 'utf8'), readdir(`${folder}/task`)]);
    const children = await Promise.all(
      threads.map((thread) => readFile(`${folder}/task/${thread}/children`, 'utf8').catch(() => '')),
    );
    return { bytes: ownMemory(status), children: children.join(' ').split(' ').filter(Boolean).map(Number) };
  } catch {
    return { bytes: 0, children: [] };
  }
};

const ownMemory = (status: string): number => {
  let kilobytes = 0;
  for (const [, count] of status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)) kilobytes += Number(count);
  return kilobytes * 1_024;
};
