import { useId, useState } from 'preact/hooks';
import type { Instance, Replay, Step } from '../../client/operations.ts';
import { useAction } from '../api/use-action.ts';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import { wordsOf } from '../text/wording.ts';
import { type ActionName, unavailableActions } from './available-actions.ts';
import type { InstancePath } from './instance-feed.ts';
import { ReplayReport } from './replay-report.tsx';
import { RestartDialog } from './restart-dialog.tsx';
import { SendEventDialog } from './send-event-dialog.tsx';
import { stepLabelOf } from './step-key.ts';
import { TerminateDialog } from './terminate-dialog.tsx';

interface ActionBarProps {
  readonly instance: Instance;
  readonly path: InstancePath;
  readonly selected: Step | undefined;
  /** After something was done; `isRestart`: another life has begun. */
  readonly onDone: (isRestart: boolean) => void;
}

type Opened = 'send' | 'terminate' | 'restart' | 'restartFrom';

const STATUS = 'PATCH /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/status';
const REPLAY = 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/replay';

/** What can be done with an instance; each says what came of it. */
export const ActionBar = ({ instance, path, selected, onDone }: ActionBarProps) => {
  const { client } = currentSession();
  const [opened, setOpened] = useState<Opened>();
  const [report, setReport] = useState<Replay>();
  const { isBusy, error, run } = useAction();
  const waitsForEvent = instance.waitingFor.some(({ kind }) => kind === 'event');
  const unavailable = unavailableActions(instance.status, selected);

  const control = (status: 'pause' | 'resume') => () =>
    run(async () => {
      const answer = await client.call(STATUS, { path, body: { status } });
      onDone(false);
      return `It is ${wordsOf(answer.status)} now.`;
    });
  const replay = () =>
    run(async () => {
      setReport(await client.call(REPLAY, { path, body: {} }));
      return undefined;
    });
  const button = (name: ActionName, label: string, onClick: () => void, isFirst = false) => (
    <ActionButton
      label={label}
      isFirst={isFirst}
      why={isBusy ? 'Something else is under way.' : unavailable[name]}
      onClick={onClick}
    />
  );
  const close = () => setOpened(undefined);
  return (
    <section class="instance-actions" aria-label="Actions">
      <div class="actions">
        {button('send', 'Send event …', () => setOpened('send'), waitsForEvent)}
        {button('pause', 'Pause', control('pause'))}
        {button('resume', 'Resume', control('resume'))}
        {button('terminate', 'Terminate …', () => setOpened('terminate'))}
        {button('restart', 'Restart …', () => setOpened('restart'))}
        {button(
          'restartFrom',
          selected === undefined ? 'Restart from step …' : `Restart from “${stepLabelOf(selected)}” …`,
          () => setOpened('restartFrom'),
        )}
        {button('replay', 'Replay', replay)}
      </div>
      {opened === 'send' && (
        <SendEventDialog path={path} waitingFor={instance.waitingFor} onDone={() => onDone(false)} onClose={close} />
      )}
      {opened === 'terminate' && <TerminateDialog path={path} onDone={() => onDone(false)} onClose={close} />}
      {(opened === 'restart' || opened === 'restartFrom') && (
        <RestartDialog
          path={path}
          status={instance.status}
          from={opened === 'restartFrom' ? selected : undefined}
          onDone={() => onDone(true)}
          onClose={close}
        />
      )}
      <Problem error={error} />
      {report !== undefined && <ReplayReport report={report} onClose={() => setReport(undefined)} />}
    </section>
  );
};

interface ActionButtonProps {
  readonly label: string;
  /** What is most likely wanted. */
  readonly isFirst: boolean;
  /** Why it makes no sense now. */
  readonly why: string | undefined;
  readonly onClick: () => void;
}

/** One that makes no sense now stays within reach, so that everybody can learn why. */
const ActionButton = ({ label, isFirst, why, onClick }: ActionButtonProps) => {
  const id = useId();
  if (why === undefined) {
    return (
      <button type="button" class={isFirst ? 'primary' : ''} onClick={onClick}>
        {label}
      </button>
    );
  }
  return (
    <>
      <button type="button" aria-disabled="true" aria-describedby={id} title={why}>
        {label}
      </button>
      <span id={id} class="unseen">
        {why}
      </span>
    </>
  );
};
