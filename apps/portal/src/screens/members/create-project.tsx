import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import { CreateProject } from './documents';

const schema = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(200, 'At most 200 characters.'),
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, '1 to 40 lower-case letters, digits and hyphens.'),
});
type Values = z.infer<typeof schema>;

export function CreateProjectDialog({ onClose }: { onClose: () => void }) {
  const { run, busy } = useAction(CreateProject, (data) => data.createProject);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({ resolver: zodResolver(schema), defaultValues: { name: '', slug: '' } });
  const { errors } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast(`${values.name} is made`, 'Choose it above the navigation to work in it.');
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New project"
      actions={<FormActions form={FORM} busy={busy} confirm="Make it" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Name" required error={errors.name?.message}>
          <Input {...form.register('name')} autoComplete="off" placeholder="Compiler migration" />
        </Field>
        <Field
          label="Name in addresses"
          required
          error={errors.slug?.message}
          help="The first part of the names of its deployments. It can not be changed later."
        >
          <Input {...form.register('slug')} autoComplete="off" spellCheck={false} placeholder="compilers" />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'create-project';
