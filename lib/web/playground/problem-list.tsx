import type { UploadProblem } from './start-source.ts';

interface ProblemListProps {
  readonly problems: readonly UploadProblem[];
  readonly onSelect: (problem: UploadProblem) => void;
}

/** Why an upload was refused; each leads to its line, where it is underlined too. */
export const ProblemList = ({ problems, onSelect }: ProblemListProps) =>
  problems.length === 0 ? null : (
    <div class="problem" role="alert">
      <strong>The source was refused.</strong>
      <ul>
        {problems.map((problem, at) => (
          // Two may say the same of one place.
          <li key={at}>
            {problem.line !== undefined && (
              <button type="button" class="link" onClick={() => onSelect(problem)}>
                Line {problem.line}
              </button>
            )}{' '}
            {problem.message}
          </li>
        ))}
      </ul>
    </div>
  );
