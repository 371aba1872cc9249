import type { Replay } from '../../client/operations.ts';
import { CodeFrame } from './code-frame.tsx';
import { frameOfLine } from './stack-place.ts';

const OUTCOMES: Readonly<Record<Replay['outcome'], string>> = {
  ok: 'The code follows the journal.',
  diverged: 'The code does not follow the journal.',
  failed: 'The code fails where the journal knows of no failure.',
};

const STOPS: Readonly<Record<Replay['stop'], string>> = {
  caught_up: 'It came to the end of what is recorded',
  effect: 'It stopped at a call to the outside that is made outside a step; what follows was not looked at',
  returned: 'It came to the end of run()',
  threw: 'It ended with the error of run()',
  lost: 'It was lost before its end',
};

/** What a replay without effects has shown. */
export const ReplayReport = ({ report, onClose }: { readonly report: Replay; readonly onClose: () => void }) => (
  <section class="panel" aria-label="Replay">
    <header class="panel-head">
      <h2>Replay</h2>
      <span class="badge" data-status={report.outcome === 'ok' ? 'complete' : 'errored'}>
        {report.outcome}
      </span>
      <button type="button" class="small" onClick={onClose}>
        Close
      </button>
    </header>
    <p>
      {OUTCOMES[report.outcome]} {STOPS[report.stop]}, with {report.delivered} of {report.recorded} recorded results.
      Nothing outside was called.
      {report.next !== undefined && (
        <>
          {' '}
          Next would be <code>{report.next}</code>.
        </>
      )}
    </p>
    {report.divergences.length > 0 && (
      <div class="table">
        <table>
          <thead>
            <tr>
              <th>Step</th>
              <th>The journal has</th>
              <th>The code comes to</th>
            </tr>
          </thead>
          <tbody>
            {report.divergences.map(({ step, expected, got }) => (
              <tr key={step}>
                <td>{step}</td>
                <td>{expected}</td>
                <td>{got}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
    {report.error !== undefined && (
      <p class="bad">
        {report.error.name}: {report.error.message}
      </p>
    )}
    {report.place !== undefined && (
      <CodeFrame
        place={report.place}
        frame={report.place.text === undefined ? undefined : frameOfLine(report.place, report.place.text)}
      />
    )}
  </section>
);
