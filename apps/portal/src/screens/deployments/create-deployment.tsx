import { zodResolver } from '@hookform/resolvers/zod';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { paths, useProject } from '../../app';
import { Button, Dialog, Failures, Field, Input, toast } from '../../ui';
import { CheckpointSelect } from './checkpoint-select';
import { CreateDeployment } from './documents';

const schema = z.object({
  slug: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, '1 to 63 lower-case letters, digits and hyphens, none at the ends.'),
  checkpoint: z.string().min(1, 'Choose what answers first.'),
});
type Values = z.infer<typeof schema>;

interface CreateDeploymentDialogProps {
  checkpoint?: string;
  onOpenChange: (open: boolean) => void;
}

export function CreateDeploymentDialog({ checkpoint, onOpenChange }: CreateDeploymentDialogProps) {
  const project = useProject();
  const navigate = useNavigate();
  const { run, busy } = useAction(CreateDeployment, (data) => data.createDeployment);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { slug: '', checkpoint: checkpoint ?? '' },
  });
  const { errors } = form.formState;
  const slug = form.watch('slug');

  const submit = form.handleSubmit(async (values) => {
    if (!project) return;
    const result = await run({ ...values, projectId: project.id });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    const made = result.payload.deployment;
    toast(`${made?.name} is deployed`, 'Its engine is being started.');
    if (made) await navigate({ to: paths.deployment(made.id) });
  });

  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title="New deployment"
      description={project ? `In ${project.name}. It answers calls at once.` : undefined}
      actions={
        <>
          <Button
            kind="primary"
            busy={busy}
            whyNot={project ? null : 'There is no project yet.'}
            type="submit"
            form={FORM}
          >
            Deploy
          </Button>
          <Button kind="quiet" onClick={() => onOpenChange(false)}>
            Cancel
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field
          label="Name"
          required
          error={errors.slug?.message}
          help={
            <>
              Applications call it{' '}
              <span className="font-mono">{`${project?.slug ?? 'project'}/${slug || 'name'}`}</span>. It can not be
              changed later.
            </>
          }
        >
          <Input {...form.register('slug')} autoComplete="off" spellCheck={false} placeholder="ada-to-rust" />
        </Field>
        <Field
          label="Checkpoint"
          required
          error={errors.checkpoint?.message}
          help="What answers first. Switch to another at any time."
        >
          <CheckpointSelect {...form.register('checkpoint')} chosen={checkpoint} />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'create-deployment';
