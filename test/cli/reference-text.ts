import type { Argument, Command, Option } from 'commander';
import { commandPath, commandsOf, EXAMPLES } from '../../lib/cli/examples.ts';
import { EXIT, EXIT_MEANINGS } from '../../lib/cli/exit-codes.ts';

const INTRODUCTION = `# The command line

Written from the commands themselves by \`npx vitest run test/cli/reference.test.ts -u\`, and held against them: not edited by hand.

\`npm run --silent tenon -- <command>\` runs a command in a checkout. In a project that \`tenon init\` made it is \`npx tenon <command>\`, and after \`npm link\` in the checkout \`tenon <command>\`. \`tenon <command> --help\` says the same as this page.
Where an instance id is asked for, \`latest\` means the newest.
`;

/** `docs/cli.md`. */
export const referenceText = (program: Command): string =>
  [
    INTRODUCTION,
    '## What every command takes\n',
    optionsTable(program.options),
    '',
    '`--json` prints what the API answers: one document, or a line of JSON for each thing that comes where a command follows. What is not asked for, such as progress and warnings, goes to standard error; progress only where that is a terminal.\n',
    '## Exit codes\n',
    ['| code | |', '|---|---|', ...Object.values(EXIT).map((code) => `| ${code} | ${EXIT_MEANINGS[code]} |`)].join(
      '\n',
    ),
    '',
    '## Commands\n',
    ...commandsOf(program).map(sectionOf),
  ].join('\n');

const sectionOf = (command: Command): string => {
  const path = commandPath(command);
  const aliases = command.aliases().map((alias) => `\`tenon ${alias}\``);
  return [
    `### \`${['tenon', path, ...command.registeredArguments.map(argumentText)].join(' ')}\``,
    '',
    `${sentence(command.description())}${aliases.length === 0 ? '' : ` Also ${aliases.join(', ')}.`}`,
    '',
    ...(command.options.length === 0 ? [] : [optionsTable(command.options), '']),
    '```sh',
    EXAMPLES[path] ?? '',
    '```',
    '',
  ].join('\n');
};

const argumentText = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const optionsTable = (options: readonly Option[]): string =>
  ['| option | |', '|---|---|', ...options.map((option) => `| \`${option.flags}\` | ${optionText(option)} |`)].join(
    '\n',
  );

const optionText = ({ description, argChoices, defaultValue, mandatory }: Option): string =>
  [
    description,
    ...(argChoices === undefined ? [] : [`${description === '' ? '' : '; '}one of ${argChoices.join(', ')}`]),
    ...(typeof defaultValue === 'string' ? [` (default: ${defaultValue})`] : []),
    ...(mandatory ? [' (needed)'] : []),
  ]
    .join('')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll('*', '\\*');

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
