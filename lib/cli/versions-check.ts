import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { countText, versionText } from '../client/wording.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { during } from './during.ts';
import { EXIT } from './exit-codes.ts';

interface ShownCheck {
  readonly id: string;
  readonly version: string;
  readonly status: 'running' | 'passed' | 'failed';
  readonly counts: Readonly<Record<'checked' | 'ok' | 'diverged' | 'failed' | 'skipped', number>>;
  readonly divergences: readonly {
    readonly workflow: string;
    readonly instance: string;
    readonly expected: string;
    readonly got: string;
  }[];
}

/** A check goes on in the background, page by page: its answer has no long poll. */
const LOOK_EVERY_MS = 500;

export const addVersionsCheck = (versions: Command, context: CommandContext): void => {
  versions
    .command('check <version>')
    .description('replay all unfinished instances against a version, without effects; ends with 1 unless it passes')
    .action(async (version: string, _flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const path = `${connection.tenantPath()}/versions/${encodeURIComponent(version)}/checks`;
      const { check } = await connection.client.call<{ readonly check: Pick<ShownCheck, 'id'> }>('POST', path);
      const look = () => connection.client.call<ShownCheck>('GET', `${path}/${encodeURIComponent(check.id)}`);
      let found = await look();
      while (found.status === 'running') {
        await during(context.terminal, `Replaying instances, ${found.counts.checked} so far ...`, sleep(LOOK_EVERY_MS));
        found = await look();
      }
      if (found.status === 'failed') context.exitWith(EXIT.refused);
      show(context, connection, found, () => checkText(found));
    });
};

const checkText = ({ version, status, counts, divergences }: ShownCheck): string => {
  const { checked, ok, diverged, failed, skipped } = counts;
  return [
    `Version ${versionText(version)} has ${status} its check of ${countText(checked, 'instance')}: ${ok} ok, ${diverged} diverged, ${failed} failed, ${skipped} skipped.`,
    ...divergences.map(
      ({ workflow, instance, expected, got }) => `✗ ${workflow} ${instance}: expected ${expected}, got ${got}`,
    ),
    ...(status === 'passed' ? [`Next: tenon versions activate ${version}`] : []),
  ].join('\n');
};
