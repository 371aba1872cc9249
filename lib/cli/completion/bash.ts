import { type CommandEntry, quoted } from './command-tree.ts';

/** To be sourced by bash 3.2 or later. */
export const bashCompletion = (
  entries: readonly CommandEntry[],
): string => `# tenon for bash: source <(tenon completion bash)
_tenon() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" at= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/\${COMP_WORDS[i]}" in
      ${entries
        .slice(1)
        .map(({ path }) => path)
        .join('|')}) at="$at/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
${entries.flatMap(choicesOf).join('\n')}
  esac
  case "$at" in
${entries.map(wordsOf).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _tenon tenon`;

const wordsOf = ({ path, commands, options }: CommandEntry): string =>
  `    ${quoted(path)}) words=${quoted([...commands, ...options].map(({ name }) => name).join(' '))} ;;`;

/** What comes after an option: one of its choices, or anything at all, such as a file. */
const choicesOf = ({ path, options }: CommandEntry): readonly string[] =>
  options
    .filter(({ takesValue }) => takesValue)
    .map(({ name, choices }) => {
      const found = choices.length === 0 ? '' : `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur")); `;
      return `    ${quoted(`${path} ${name}`)}) ${found}return ;;`;
    });
