import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { type Failure, failureOfResponse, unreachable } from '../api';
import { Button, Failures, Field, Input } from '../ui';
import { Arrival } from './arrival';
import { paths } from './paths';
import type { ReturnSearch } from './return-to';
import { useRenewSession } from './session';

interface SignedIn {
  passwordChangeRequired: boolean;
}

export function SignIn() {
  const { to } = useSearch({ strict: false }) as ReturnSearch;
  const navigate = useNavigate();
  const renew = useRenewSession();
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<Failure[]>([]);
  useEffect(() => {
    document.title = 'Sign in · Forkpoint';
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const answer = await signIn(String(form.get('email')), String(form.get('password')));
    setBusy(false);
    if ('code' in answer) {
      setFailures([answer]);
      return;
    }
    await renew();
    if (answer.passwordChangeRequired) await navigate({ to: paths.password(), search: to ? { to } : {} });
    else await navigate({ href: to ?? paths.home(), replace: true });
  };

  return (
    <Arrival title="Sign in">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Field label="Email">
          <Input name="email" type="email" autoComplete="username" required autoFocus />
        </Field>
        <Field label="Password">
          <Input name="password" type="password" autoComplete="current-password" required />
        </Field>
        <Failures failures={failures} />
        <Button type="submit" kind="primary" busy={busy}>
          Sign in
        </Button>
      </form>
      <p className="mt-6 text-sm text-ink-faint">
        No account, or a lost password? An administrator of your organization adds members and gives new passwords.
      </p>
    </Arrival>
  );
}

async function signIn(email: string, password: string): Promise<SignedIn | Failure> {
  try {
    const response = await fetch('/auth/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    return response.ok ? ((await response.json()) as SignedIn) : await failureOfResponse(response);
  } catch {
    return unreachable();
  }
}
