/** The commands of a shell block, each on one line, without comments. */
export const shellLines = (text: string): readonly string[] =>
  text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** Why a command is not run by a test, by how it begins. */
export const NOT_RUN: readonly (readonly [start: string, why: string])[] = [
  ['aws ', 'needs an AWS account'],
  ['npx cdk ', 'needs an AWS account; the synthesized stack runs in test/cloud'],
  ['git pull', 'needs the repository that one has cloned'],
  ['export ', 'sets what the reader has been given'],
];

/** Commands that are held against the program by `test/docs.test.ts`. */
export const isChecked = (line: string): boolean =>
  /^(?:npm run (?:--silent )?tenon -- |npx tenon |tenon )/.test(line) ||
  // Joined ones are the two commands of the README's first screen.
  line
    .split('&&')
    .every((part) => /^npm (?:ci|start|test|run [\w:-]+)(?: .*)?$/.test(part.replace(/\s#.*$/, '').trim()));
