import type { Dependencies } from './dependencies.ts';

/** At start-up: checks that a crash cut off go on where they were. */
export const resumeChecks = async ({
  checks,
  checkRuns,
}: Pick<Dependencies, 'checks' | 'checkRuns'>): Promise<void> => {
  for (const check of await checks.listRunning()) await checkRuns.request(check);
};
