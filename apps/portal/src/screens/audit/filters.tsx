import { useNavigate } from '@tanstack/react-router';
import { Search, X } from 'lucide-react';
import type { FormEvent } from 'react';
import { paths } from '../../app';
import { Button, Field, Input } from '../../ui';
import { type AuditSearch, auditRoute } from './route';

/** What to look for; kept in the address, so that a search can be sent on. */
export function AuditFilters() {
  const search = auditRoute.useSearch();
  const navigate = useNavigate();
  const show = (next: AuditSearch) => void navigate({ to: paths.audit(), search: next as never });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim() || undefined;
    show({ actor: text('actor'), action: text('action'), target: text('target') });
  };
  const isFiltered = Boolean(search.actor || search.action || search.target);
  return (
    <search>
      {/* Another address is another form: what it says becomes the fields' first values. */}
      <form
        key={JSON.stringify(search)}
        onSubmit={submit}
        className="flex flex-wrap items-end gap-x-4 gap-y-3"
        noValidate
      >
        <Field label="Actor" className="w-64">
          <Input name="actor" defaultValue={search.actor} placeholder="user_…, key_…" spellCheck={false} />
        </Field>
        <Field label="Action" className="w-52">
          <Input name="action" defaultValue={search.action} placeholder="createDeployment" spellCheck={false} />
        </Field>
        <Field label="Target" className="w-64">
          <Input name="target" defaultValue={search.target} placeholder="dep_…, job_…" spellCheck={false} />
        </Field>
        <Button type="submit" icon={Search}>
          Search
        </Button>
        {isFiltered && (
          <Button kind="quiet" icon={X} onClick={() => show({})}>
            Clear
          </Button>
        )}
      </form>
    </search>
  );
}
