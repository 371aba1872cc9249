import { useState } from 'preact/hooks';
import { versionText } from '../../../client/wording.ts';
import { useAction } from '../../api/use-action.ts';
import { Loading } from '../../parts/loading.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Problem } from '../../parts/problem.tsx';
import { goTo, linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import { CheckReport } from './check-report.tsx';
import { deedOf } from './list.tsx';
import { useCheck } from './use-check.ts';
import { useVersions } from './use-versions.ts';

interface ActivationProps {
  readonly tenant: string;
  readonly version: string;
}

/** The replay check is seen before a version becomes active; without a pass it takes a word of its own. */
export const Activation = ({ tenant, version }: ActivationProps) => {
  const { client } = currentSession();
  const versions = useVersions(tenant);
  const { check, error, again } = useCheck(tenant, version);
  const [isUnchecked, setUnchecked] = useState(false);
  const action = useAction();
  const found = versions.value?.find((one) => one.version === version);
  const active = versions.value?.find((one) => one.active);
  const deed = found === undefined ? 'Activate' : deedOf(found.createdAt, active);
  const parts = ['t', tenant, 'versions'];
  const hasPassed = check?.status === 'passed';

  const activate = (event: Event): void => {
    event.preventDefault();
    void action
      .run(async () => {
        await client.call('POST /v1/tenants/{tenant}/versions/{version}/activate', {
          path: { tenant, version },
          ...(check?.status === 'passed' && { body: { requireCheck: check.id } }),
        });
        return `Version ${versionText(version)} is active: new instances take it.`;
      })
      .then((isDone) => isDone && goTo(parts));
  };

  return (
    <>
      <PageHead
        title={`${deed} ${versionText(version)}`}
        about={active === undefined ? 'No version is active.' : `Active now: ${versionText(active.version)}`}
      >
        {active !== undefined && active.version !== version && (
          <a class="button" href={linkTo([...parts, 'compare'], { from: active.version, to: version })}>
            Compare
          </a>
        )}
      </PageHead>
      <p>
        New instances and requests take the version from then on. Those that exist keep theirs, unless they are moved;
        the check tells what would happen to them, by a replay without effects.
      </p>
      <section class="panel" aria-labelledby="check">
        <h2 id="check">Replay check</h2>
        <Problem error={error ?? versions.error} />
        {check === undefined && error === undefined && <Loading what="the check" rows={2} />}
        {check !== undefined && <CheckReport tenant={tenant} check={check} />}
        {check?.status !== 'running' && (
          <button type="button" onClick={again}>
            Check again
          </button>
        )}
      </section>
      <form onSubmit={activate}>
        {check?.status === 'failed' && (
          <label class="check">
            <input
              type="checkbox"
              checked={isUnchecked}
              onChange={({ currentTarget }) => setUnchecked(currentTarget.checked)}
            />
            Activate it although the check has failed: the instances above stay on their version
          </label>
        )}
        <Problem error={action.error} />
        <div class="actions">
          <button type="submit" class="primary" disabled={action.isBusy || !(hasPassed || isUnchecked)}>
            {deed} {versionText(version)}
          </button>
          <a class="button" href={linkTo(parts)}>
            Cancel
          </a>
        </div>
      </form>
    </>
  );
};
