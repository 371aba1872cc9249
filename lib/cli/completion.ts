import { Argument, type Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { bashCompletion } from './completion/bash.ts';
import { type CommandEntry, commandEntries } from './completion/command-tree.ts';
import { fishCompletion } from './completion/fish.ts';
import { zshCompletion } from './completion/zsh.ts';

const SHELLS: Readonly<Record<string, (entries: readonly CommandEntry[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const addCompletion = (program: Command, { terminal }: CommandContext): void => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .description('print what completes these commands in a shell; in bash and zsh: source <(tenon completion bash)')
    .action((shell: string, _flags: unknown, command: Command) => {
      const entries = commandEntries(program);
      const isJson = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      terminal.print(isJson ? JSON.stringify(entries, undefined, 2) : (SHELLS[shell]?.(entries) ?? ''));
    });
};
