/** What came of asking one independent implementation. */
export type OracleOutcome =
  | { readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly kind: 'asked';
      readonly agrees: boolean;
      /** Counts, for one line. */
      readonly summary: string;
      /** What it disagrees with, one entry each. */
      readonly disagreements: readonly string[];
    };

export interface Oracle {
  readonly name: string;
  ask(): Promise<OracleOutcome>;
}

export const lineOf = (name: string, outcome: OracleOutcome): string => {
  switch (outcome.kind) {
    case 'skipped':
      return `${name}: skipped (${outcome.reason})`;
    case 'asked':
      return [`${name}: ${outcome.summary}`, ...outcome.disagreements.map((text) => indented(text))].join('\n');
  }
};

const indented = (text: string): string => `  ${text.replaceAll('\n', '\n    ')}`;
