import type { Command, Option } from 'commander';

export interface OptionEntry {
  /** `--status` */
  readonly name: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** A command, or the program itself, as completion sees it. */
export interface CommandEntry {
  /** `/instances/list`; empty: the program. */
  readonly path: string;
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** Those of the program stand everywhere. */
  readonly options: readonly OptionEntry[];
}

/** Everything that can be completed, the program first. */
export const commandEntries = (program: Command): readonly CommandEntry[] => entriesOf(program, '', []);

const entriesOf = (command: Command, path: string, everywhere: readonly OptionEntry[]): readonly CommandEntry[] => {
  const own = command.options.filter(({ hidden }) => !hidden).map(optionEntry);
  const children = command.commands.flatMap((child) =>
    [child.name(), ...child.aliases()].map((name) => ({ name, child, description: child.description() })),
  );
  const below = path === '' ? own : everywhere;
  return [
    {
      path,
      description: command.description(),
      commands: children.map(({ name, description }) => ({ name, description })),
      options: path === '' ? own : [...own, ...everywhere],
    },
    ...children.flatMap(({ name, child }) => entriesOf(child, `${path}/${name}`, below)),
  ];
};

const optionEntry = (option: Option): OptionEntry => ({
  name: option.long ?? option.flags,
  description: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
});

/** In single quotes, for bash and zsh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
