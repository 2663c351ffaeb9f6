import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction, useRequest } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { type Permission, useProject, useSession } from '../../app';
import { DAY_MILLISECONDS, now } from '../../format';
import {
  Button,
  Code,
  Dialog,
  Failures,
  Field,
  FormActions,
  Input,
  Loaded,
  Notice,
  OneTimeSecret,
  Select,
} from '../../ui';
import { CreateApiKey, KeyOwners } from './documents';
import { ScopePicker } from './scope-picker';
import { type Preset, scopesOf } from './scopes';

const LIFETIMES = [
  ['7', 'in 7 days'],
  ['30', 'in 30 days'],
  ['90', 'in 90 days'],
  ['365', 'in a year'],
  ['', 'never'],
] as const;

const limit = z.string().regex(/^([1-9]\d{0,8})?$/, 'A whole number of at least 1, or nothing.');
const schema = z.object({
  name: z.string().trim().min(1, 'Say what it is for.').max(200, 'At most 200 characters.'),
  owner: z.string(),
  projectId: z.string(),
  lifetimeDays: z.string(),
  scopes: z.array(z.string()).min(1, 'Choose at least one permission.'),
  requestsPerMinute: limit,
  tokensPerMinute: limit,
});
type Values = z.infer<typeof schema>;

interface CreateKeyDialogProps {
  preset?: 'inference';
  /** The service account that it is for, by id. */
  account?: string;
  onClose: () => void;
}

export function CreateKeyDialog({ preset, account, onClose }: CreateKeyDialogProps) {
  const [made, setMade] = useState<{ name: string; secret: string | null } | null>(null);
  if (made) return <MadeDialog name={made.name} secret={made.secret} onClose={onClose} />;
  return (
    <KeyForm preset={preset} account={account} onClose={onClose} onMade={(name, secret) => setMade({ name, secret })} />
  );
}

interface KeyFormProps extends CreateKeyDialogProps {
  onMade: (name: string, secret: string | null) => void;
}

function KeyForm({ preset: firstPreset = 'inference', account, onClose, onMade }: KeyFormProps) {
  const session = useSession();
  const project = useProject();
  const { run, busy } = useAction(CreateApiKey, (data) => data.createApiKey);
  const owners = useRequest(KeyOwners, { withAccounts: session.may('MEMBERS_READ') });
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const [preset, setPreset] = useState<Preset>(firstPreset);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: '',
      owner: account ?? '',
      projectId: project?.id ?? '',
      lifetimeDays: '90',
      scopes: scopesOf(firstPreset, session.may),
      requestsPerMinute: '',
      tokensPerMinute: '',
    },
  });
  const { errors } = form.formState;
  const choose = (next: Preset) => {
    setPreset(next);
    if (next !== 'custom') form.setValue('scopes', scopesOf(next, session.may), { shouldValidate: true });
  };
  const submit = form.handleSubmit(async (values) => {
    const result = await run(inputOf(values));
    if (!result.ok) return setFailures(showFailures(form, result.failures, { serviceAccountId: 'owner' }));
    onMade(values.name, result.payload.secret);
  });

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New API key"
      description="Its secret is shown once, when it is made."
      actions={<FormActions form={FORM} busy={busy} confirm="Make the key" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field
          label="Name"
          required
          error={errors.name?.message}
          help="Where it will be used, so that people know what stops when it is revoked."
        >
          <Input {...form.register('name')} autoComplete="off" placeholder="CI of the migration" />
        </Field>
        <ScopePicker
          preset={preset}
          onPreset={choose}
          scopes={form.watch('scopes') as Permission[]}
          onScopes={(scopes) => form.setValue('scopes', scopes, { shouldValidate: true })}
          error={errors.scopes?.message}
        />
        <Loaded request={owners}>
          {({ me, serviceAccounts }) => (
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label="Owner" error={errors.owner?.message} help="It can never do more than its owner.">
                <Select {...form.register('owner')}>
                  <option value="">You</option>
                  {(serviceAccounts?.nodes ?? []).map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name} (service account)
                    </option>
                  ))}
                </Select>
              </Field>
              <Field label="Project" error={errors.projectId?.message} help="What it reaches, and which pays.">
                <Select {...form.register('projectId')}>
                  {session.projects.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                  {me.allProjects && <option value="">All projects of its owner</option>}
                </Select>
              </Field>
            </div>
          )}
        </Loaded>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Expires">
            <Select {...form.register('lifetimeDays')}>
              {LIFETIMES.map(([days, label]) => (
                <option key={days} value={days}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Requests per minute" error={errors.requestsPerMinute?.message}>
            <Input {...form.register('requestsPerMinute')} inputMode="numeric" placeholder="no limit" />
          </Field>
          <Field label="Tokens per minute" error={errors.tokensPerMinute?.message}>
            <Input {...form.register('tokensPerMinute')} inputMode="numeric" placeholder="no limit" />
          </Field>
        </div>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'create-key';

function inputOf({ name, owner, projectId, lifetimeDays, scopes, requestsPerMinute, tokensPerMinute }: Values) {
  const days = Number(lifetimeDays);
  return {
    name,
    scopes: scopes as Permission[],
    ...(owner ? { serviceAccountId: owner } : {}),
    ...(projectId ? { projectId } : {}),
    ...(days > 0 ? { expiresAt: new Date(now() + days * DAY_MILLISECONDS).toISOString() } : {}),
    ...(requestsPerMinute ? { requestsPerMinute: Number(requestsPerMinute) } : {}),
    ...(tokensPerMinute ? { tokensPerMinute: Number(tokensPerMinute) } : {}),
  };
}

interface MadeDialogProps {
  name: string;
  /** Null when the answer to the first try was lost: the platform does not say it twice. */
  secret: string | null;
  onClose: () => void;
}

function MadeDialog({ name, secret, onClose }: MadeDialogProps) {
  return (
    <Dialog
      open
      held
      onOpenChange={(open) => !open && onClose()}
      title={`${name} is made`}
      actions={
        <Button kind="primary" onClick={onClose}>
          {secret ? 'I have copied it' : 'Close'}
        </Button>
      }
    >
      {secret ? (
        <>
          <OneTimeSecret what="key" secret={secret} />
          <Code
            label="Settings for OpenAI's libraries"
            code={`export OPENAI_BASE_URL=${location.origin}/v1\nexport OPENAI_API_KEY=${secret}`}
          />
        </>
      ) : (
        <Notice tone="warn" title="Its secret was lost on the way">
          The connection broke when it was made. Revoke this key and make another one.
        </Notice>
      )}
    </Dialog>
  );
}
