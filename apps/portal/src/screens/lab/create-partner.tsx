import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { Button, Dialog, Failures, Field, FormActions, Input, Notice, OneTimeSecret } from '../../ui';
import { CreatePartner } from './documents';

const schema = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(200, 'At most 200 characters.'),
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, '1 to 40 lower-case letters, digits and hyphens.'),
  administratorName: z.string().trim().min(1, 'What are they called?').max(200, 'At most 200 characters.'),
  administratorEmail: z.email('An address such as ada@example.com.'),
});
type Values = z.infer<typeof schema>;

export function CreatePartnerDialog({ onClose }: { onClose: () => void }) {
  const { run, busy } = useAction(CreatePartner, (data) => data.createPartnerOrganization);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const [founded, setFounded] = useState<{ name: string; email: string; password: string | null } | null>(null);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { name: '', slug: '', administratorName: '', administratorEmail: '' },
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    setFounded({ name: values.name, email: values.administratorEmail, password: result.payload.initialPassword });
  });
  if (founded) return <Founded {...founded} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New partner"
      description="An organization with its first administrator, who adds everybody else."
      actions={<FormActions form={FORM} busy={busy} confirm="Found it" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Name" required error={errors.name?.message}>
          <Input {...form.register('name')} autoComplete="off" placeholder="Acme Robotics" />
        </Field>
        <Field
          label="Short name"
          required
          error={errors.slug?.message}
          help="Part of the names of its variants. It can not be changed later."
        >
          <Input {...form.register('slug')} autoComplete="off" spellCheck={false} placeholder="acme" />
        </Field>
        <Field label="Administrator" required error={errors.administratorName?.message}>
          <Input {...form.register('administratorName')} autoComplete="off" />
        </Field>
        <Field label="Email of the administrator" required error={errors.administratorEmail?.message}>
          <Input {...form.register('administratorEmail')} type="email" autoComplete="off" />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'create-partner';

interface FoundedProps {
  name: string;
  email: string;
  password: string | null;
  onClose: () => void;
}

function Founded({ name, email, password, onClose }: FoundedProps) {
  return (
    <Dialog
      open
      held
      onOpenChange={(open) => !open && onClose()}
      title={`${name} is founded`}
      description={`Hand this to ${email} in a way that you trust. It holds for a week and is changed at the first sign-in.`}
      actions={
        <Button kind="primary" onClick={onClose}>
          {password ? 'I have copied it' : 'Close'}
        </Button>
      }
    >
      {password ? (
        <OneTimeSecret what="password" secret={password} />
      ) : (
        <Notice tone="warn" title="The password was lost on the way">
          The connection broke when the organization was founded. Found it again under another short name.
        </Notice>
      )}
      <Notice title="Next: entitlements">Without one it sees no checkpoint.</Notice>
    </Dialog>
  );
}
