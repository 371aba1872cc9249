import { type CommandEntry, quoted } from './command-tree.ts';

/** To be sourced after `compinit`. */
export const zshCompletion = (entries: readonly CommandEntry[]): string => `#compdef tenon
# tenon for zsh: source <(tenon completion zsh)
_tenon() {
  local at= word
  local -a entries
  for word in \${words[2,CURRENT-1]}; do
    case "$at/$word" in
      (${entries
        .slice(1)
        .map(({ path }) => path)
        .join('|')}) at="$at/$word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${entries.flatMap(choicesOf).join('\n')}
  esac
  case "$at" in
${entries.map(entriesOf).join('\n')}
  esac
  _describe tenon entries || _files
}
compdef _tenon tenon`;

const entriesOf = ({ path, commands, options }: CommandEntry): string => {
  const described = [...commands, ...options].map(({ name, description }) => quoted(`${name}:${description}`));
  return `    (${quoted(path)}) entries=(${described.join(' ')}) ;;`;
};

const choicesOf = ({ path, options }: CommandEntry): readonly string[] =>
  options
    .filter(({ takesValue }) => takesValue)
    .map(({ name, choices }) => {
      const found = choices.length === 0 ? '_files' : `compadd ${choices.map(quoted).join(' ')}`;
      return `    (${quoted(`${path} ${name}`)}) ${found}; return ;;`;
    });
