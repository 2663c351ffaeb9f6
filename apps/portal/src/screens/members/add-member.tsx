import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { useProject } from '../../app';
import { isConfined, type RoleName } from '../../format';
import { Dialog, Failures, Field, FormActions, Input } from '../../ui';
import { AddMember } from './documents';
import { NewPassword } from './new-password';
import { RoleFields } from './role-fields';

const schema = z.object({
  displayName: z.string().trim().min(1, 'What are they called?').max(200, 'At most 200 characters.'),
  email: z.email('An address such as ada@example.com.'),
  role: z.string().min(1, 'Choose what they may do.'),
  projectIds: z.array(z.string()),
});
type Values = z.infer<typeof schema>;

export function AddMemberDialog({ onClose }: { onClose: () => void }) {
  const project = useProject();
  const { run, busy } = useAction(AddMember, (data) => data.addMember);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const [added, setAdded] = useState<{ email: string; password: string | null } | null>(null);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { displayName: '', email: '', role: '', projectIds: project ? [project.id] : [] },
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit(async ({ projectIds, role, ...person }) => {
    const confined = isConfined(role as RoleName) ? { projectIds } : {};
    const result = await run({ ...person, role: role as RoleName, ...confined });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    setAdded({ email: person.email, password: result.payload.initialPassword });
  });
  if (added) return <NewPassword title="Member added" {...added} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add a member"
      actions={<FormActions form={FORM} busy={busy} confirm="Add" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Name" required error={errors.displayName?.message}>
          <Input {...form.register('displayName')} autoComplete="off" />
        </Field>
        <Field label="Email" required error={errors.email?.message} help="They sign in with it. No mail is sent.">
          <Input {...form.register('email')} type="email" autoComplete="off" />
        </Field>
        <RoleFields
          role={(form.watch('role') || null) as RoleName | null}
          onRole={(role) => form.setValue('role', role, { shouldValidate: true })}
          projectIds={form.watch('projectIds')}
          onProjectIds={(ids) => form.setValue('projectIds', ids)}
          error={errors.role?.message}
        />
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'add-member';
