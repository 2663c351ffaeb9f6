import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { useSession } from '../../app';
import { type RoleName, rolesOf } from '../../format';
import { Dialog, Failures, Field, FormActions, Input, RadioGroup, Select, toast } from '../../ui';
import { CreateServiceAccount } from './documents';

const schema = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(200, 'At most 200 characters.'),
  role: z.string().min(1, 'Choose what its keys may do at most.'),
  projectId: z.string(),
});
type Values = z.infer<typeof schema>;

export function CreateServiceAccountDialog({ onClose }: { onClose: () => void }) {
  const { organization, projects } = useSession();
  const { run, busy } = useAction(CreateServiceAccount, (data) => data.createServiceAccount);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { name: '', role: '', projectId: projects[0]?.id ?? '' },
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit(async ({ name, role, projectId }) => {
    const result = await run({ name, role: role as RoleName, ...(projectId ? { projectId } : {}) });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast(`${name} is made`, 'Make a key for it next.');
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New service account"
      description="For a program. It has no password and acts by its keys."
      actions={<FormActions form={FORM} busy={busy} confirm="Make it" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Name" required error={errors.name?.message} help="Unique in the organization.">
          <Input {...form.register('name')} autoComplete="off" placeholder="nightly-evaluation" />
        </Field>
        <RadioGroup
          legend="Role"
          value={form.watch('role') || null}
          onChange={(role) => form.setValue('role', role, { shouldValidate: true })}
          options={rolesOf(organization.kind).map(({ role, name, about }) => ({
            value: role,
            label: name,
            help: about,
          }))}
          error={errors.role?.message}
        />
        <Field label="Project" error={errors.projectId?.message} help="What its keys reach.">
          <Select {...form.register('projectId')}>
            {projects.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value="">All projects</option>
          </Select>
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'create-service-account';
