import type { RequestLogEntry } from '../../../client/operations.ts';

/** In the order in which they were said; what it threw stands last. */
export const RequestLines = ({ lines, error }: RequestLogEntry) => (
  <ul class="lines">
    {lines.map(({ time, level, message }, index) => (
      <li key={`${time} ${index}`} data-level={level}>
        {level !== 'log' && <b>{level} </b>}
        {message}
      </li>
    ))}
    {error !== undefined && (
      <li data-level="error">
        <b>{error.name} </b>
        {error.stack ?? error.message}
      </li>
    )}
  </ul>
);
