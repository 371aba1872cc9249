/** A fenced block of a Markdown text. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** From 1: where the block's text begins. */
  readonly line: number;
}

export const codeBlocks = (markdown: string): readonly CodeBlock[] => {
  const blocks: CodeBlock[] = [];
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === undefined) {
      if (line.startsWith('```')) open = { language: line.slice(3).trim(), line: index + 2, lines: [] };
    } else if (line.startsWith('```')) {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') });
      open = undefined;
    } else open.lines.push(line);
  }
  if (open !== undefined) throw new Error(`the block that begins in line ${open.line} has no end`);
  return blocks;
};

const COMMAND = /^(?:npm run (?:--silent )?tenon -- |npx tenon |tenon )(.+)$/;

/** The arguments of every `tenon` command in the text's blocks, as a shell would hand them over. */
export const tenonCommands = (markdown: string): readonly (readonly string[])[] =>
  codeBlocks(markdown)
    .filter(({ language }) => language === 'sh' || language === '')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => {
      const [, rest] = COMMAND.exec(line.trim()) ?? [];
      return rest === undefined ? [] : [splitWords(rest)];
    });

/** Words, single and double quotes; what else a shell knows has no place in a document for newcomers. */
export const splitWords = (line: string): readonly string[] => {
  const words: string[] = [];
  const pattern = /\s*(?:#.*$|((?:'[^']*'|"[^"]*"|[^\s'"])+))/y;
  while (pattern.lastIndex < line.trimEnd().length) {
    const match = pattern.exec(line);
    if (match === null) throw new Error(`not a plain command line: ${line}`);
    if (match[1] === undefined) break;
    if (/[$`|;&<>]/.test(match[1].replace(/'[^']*'/g, ''))) throw new Error(`needs more of a shell: ${match[1]}`);
    words.push(match[1].replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
  }
  return words;
};
