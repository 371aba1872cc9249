import { useState } from 'preact/hooks';
import { Problem } from './parts/problem.tsx';
import { signIn } from './session.ts';
import { Mark } from './shell/mark.tsx';

export const SignIn = () => {
  const [key, setKey] = useState('');
  const [tenant, setTenant] = useState('');
  const [needsTenant, setNeedsTenant] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      setNeedsTenant((await signIn(key.trim(), tenant.trim())) === 'needs_tenant');
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };

  return (
    <main class="sign-in">
      <div>
        <header>
          <Mark />
          <h1>Tenon</h1>
          <p>Durable workflows that follow the tenant.</p>
        </header>
        <form onSubmit={submit}>
          <label>
            <span class="label">Key</span>
            <input
              type="password"
              autocomplete="off"
              required
              value={key}
              onInput={({ currentTarget }) => {
                setKey(currentTarget.value);
                setNeedsTenant(false);
                setTenant('');
              }}
            />
          </label>
          {needsTenant && (
            <label>
              <span class="label">This is a tenant's key. Which tenant's?</span>
              <input
                required
                autocomplete="off"
                ref={(input) => input?.focus()}
                value={tenant}
                onInput={({ currentTarget }) => setTenant(currentTarget.value)}
              />
            </label>
          )}
          <Problem error={error} />
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy ? 'Signing in …' : 'Sign in'}
          </button>
        </form>
        <footer>
          <dl>
            <div>
              <dt>Where is the operator's key?</dt>
              <dd>
                The server printed it at its first start, and keeps it in <code>.tenon/operator-key</code>. An
                installation on AWS has it in Secrets Manager.
              </dd>
            </div>
            <div>
              <dt>A tenant's key?</dt>
              <dd>
                The operator has it from when it was made; the demo tenant's is in <code>.tenon/demo-key</code>.
              </dd>
            </div>
          </dl>
          <p class="hint">A key stays in this tab's memory: it is forgotten when you reload.</p>
        </footer>
      </div>
    </main>
  );
};
