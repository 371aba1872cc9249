import { useState } from 'preact/hooks';
import { Problem } from './parts/problem.tsx';
import { signIn } from './session.ts';

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
      <h1>Tenon</h1>
      <p>
        Durable workflows that follow the tenant. Sign in with the operator key, which the server printed at its first
        start, or with a tenant's key. It stays in this tab's memory and is forgotten when you reload.
      </p>
      <form onSubmit={submit}>
        <label>
          Key
          <input
            type="password"
            autocomplete="off"
            required
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
        </label>
        {needsTenant && (
          <label>
            This is a tenant's key. Which tenant's?
            <input
              required
              autocomplete="off"
              value={tenant}
              onInput={({ currentTarget }) => setTenant(currentTarget.value)}
            />
          </label>
        )}
        <button type="submit" class="primary" disabled={isBusy}>
          Sign in
        </button>
        <Problem error={error} />
      </form>
    </main>
  );
};
