/**
 * What is wrong with a drawing, as far as can be told without a browser: its kind, brackets that do not close, a node or
 * somebody in it that is used before it is there. GitHub draws the rest.
 */
export const drawingProblems = (text: string): readonly string[] => {
  const [head = '', ...lines] = text.split('\n').map((line) => line.trim());
  if (head === 'sequenceDiagram') return sequenceProblems(lines);
  if (/^flowchart (?:LR|TD)$/.test(head)) return lines.flatMap(flowProblems);
  return [`neither a flowchart nor a sequence: ${head}`];
};

const MESSAGE = /^(\w+)->>(\w+): \S/;

const sequenceProblems = (lines: readonly string[]): readonly string[] => {
  const known = lines.flatMap((line) => /^participant (\w+) as \S/.exec(line)?.[1] ?? []);
  return lines
    .filter((line) => line !== '' && !line.startsWith('participant '))
    .flatMap((line) => {
      const [, from = '', to = ''] = MESSAGE.exec(line) ?? [];
      return known.includes(from) && known.includes(to) ? [] : [line];
    });
};

const SHAPES = [/\(\[[^[\]()]*\]\)/g, /\[\([^[\]()]*\)\]/g, /\["[^"]*"\]/g, /\[[^[\]()"]*\]/g];
const EDGES = /^(?:subgraph \w+|end|\w+(?: -->(?:\|"[^"]*"\||\|[^|"]*\|)? \w+)*)$/;

/** With the texts of its nodes left out, a line is names and arrows. */
const flowProblems = (line: string): readonly string[] => {
  const bare = SHAPES.reduce((left, shape) => left.replace(shape, ''), line).trim();
  return bare === '' || EDGES.test(bare) ? [] : [line];
};
