import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { during } from './during.ts';
import { UsageError } from './exit-codes.ts';
import { projectFiles, TENON_FOLDER } from './init/project-files.ts';

const TYPES = 'tenon-sdk';

export const addInit = (program: Command, { terminal }: CommandContext): void => {
  program
    .command('init [folder]')
    .description('make a project in an empty folder: a workflow, its test, its types; here where no folder is named')
    .action(async (given: string | undefined, _flags: unknown, command: Command) => {
      const folder = resolve(terminal.cwd, given ?? '.');
      const wasThere = refuseFilled(folder, given ?? 'this folder');
      const files = projectFiles(folder, basename(folder));
      try {
        mkdirSync(folder, { recursive: true });
        await during(terminal, 'Writing the types ...', writeTypes(join(folder, TYPES)));
        for (const [name, text] of files) writeFileSync(join(folder, name), text);
      } catch (error) {
        // All or nothing: the folder is as it was before.
        for (const name of [TYPES, ...files.keys()]) rmSync(join(folder, name), { recursive: true, force: true });
        if (!wasThere) rmSync(folder, { recursive: true, force: true });
        throw error;
      }
      const names = [...files.keys(), `${TYPES}/`].sort();
      if (command.optsWithGlobals<{ readonly json?: boolean }>().json === true) {
        terminal.print(JSON.stringify({ folder, files: names }, undefined, 2));
        return;
      }
      const place = relative(terminal.cwd, folder);
      terminal.print(`Made ${names.join(', ')} in ${place === '' ? 'this folder' : place}.`);
      terminal.print(
        `Next: ${place === '' ? '' : `cd ${/^[\w./-]+$/.test(place) ? place : `'${place}'`} && `}npm install && npm test`,
      );
    });
};

/** Whether the folder is there. @throws UsageError where something is in it, or it is none */
const refuseFilled = (folder: string, title: string): boolean => {
  if (!existsSync(folder)) return false;
  if (!statSync(folder).isDirectory()) throw new UsageError(`${title} is a file: name a new or empty folder`);
  if (readdirSync(folder).length > 0) throw new UsageError(`${title} is not empty: name a new or empty folder`);
  return true;
};

const writeTypes = async (folder: string): Promise<void> => {
  await promisify(execFile)(process.execPath, [join(TENON_FOLDER, 'bin/build-sdk.ts'), folder]);
};
