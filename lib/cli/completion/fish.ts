import type { CommandEntry } from './command-tree.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export const fishCompletion = (
  entries: readonly CommandEntry[],
): string => `# tenon for fish: tenon completion fish | source
function __tenon_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at/$word"
      case ${entries
        .slice(1)
        .map(({ path }) => quoted(path))
        .join(' ')}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
${entries.flatMap(linesOf).join('\n')}`;

const linesOf = ({ path, commands, options }: CommandEntry): readonly string[] => {
  const begin = `complete -c tenon -n ${quoted(`__tenon_at "${path}"`)}`;
  return [
    ...commands.map(({ name, description }) => `${begin} -f -a ${name} -d ${quoted(description)}`),
    ...options.map(({ name, description, takesValue, choices }) => {
      const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : '';
      return `${begin} -l ${name.replace(/^--/, '')}${value} -d ${quoted(description)}`;
    }),
  ];
};
