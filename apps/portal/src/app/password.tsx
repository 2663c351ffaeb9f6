import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useAction } from '../api';
import { Button, Failures, Field, Input, toast } from '../ui';
import { Arrival } from './arrival';
import { ChangePassword } from './documents';
import { paths } from './paths';
import type { ReturnSearch } from './return-to';
import { useRenewSession } from './session';

const SHORTEST_PASSWORD = 12;

/** An initial password is good for this page alone. */
export function Password() {
  const { to } = useSearch({ strict: false }) as ReturnSearch;
  const navigate = useNavigate();
  const renew = useRenewSession();
  const change = useAction(ChangePassword, ({ changePassword }) => changePassword);
  const [mismatch, setMismatch] = useState(false);
  useEffect(() => {
    document.title = 'Choose a password · Forkpoint';
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const newPassword = String(form.get('newPassword'));
    const differs = newPassword !== String(form.get('repeated'));
    setMismatch(differs);
    if (differs || change.busy) return;
    const { ok } = await change.run({ currentPassword: String(form.get('currentPassword')), newPassword });
    if (!ok) return;
    toast('Password changed', 'Your other sessions have ended.');
    await renew();
    await navigate({ href: to ?? paths.home(), replace: true });
  };

  const refused = (field: string) => change.failures.find(({ path }) => path[0] === field)?.message;
  const others = change.failures.filter(({ path }) => !FIELDS.has(path[0] ?? ''));
  return (
    <Arrival title="Choose a password">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Field label="Current password" error={refused('currentPassword')}>
          <Input name="currentPassword" type="password" autoComplete="current-password" required autoFocus />
        </Field>
        <Field
          label="New password"
          error={refused('newPassword')}
          help={`At least ${SHORTEST_PASSWORD} characters: three or four unrelated words do well.`}
        >
          <Input
            name="newPassword"
            type="password"
            autoComplete="new-password"
            minLength={SHORTEST_PASSWORD}
            required
          />
        </Field>
        <Field label="New password again" error={mismatch ? 'This is not the same as above.' : null}>
          <Input name="repeated" type="password" autoComplete="new-password" required />
        </Field>
        <Failures failures={others} />
        <Button type="submit" kind="primary" busy={change.busy}>
          Change password
        </Button>
      </form>
    </Arrival>
  );
}

const FIELDS = new Set(['currentPassword', 'newPassword']);
