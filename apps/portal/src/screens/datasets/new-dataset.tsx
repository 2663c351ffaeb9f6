import { zodResolver } from '@hookform/resolvers/zod';
import { useNavigate } from '@tanstack/react-router';
import { FileText } from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { paths } from '../../app';
import { formatBytes } from '../../format';
import { Button, Dialog, Failures, Field, FormActions, Input, Textarea } from '../../ui';
import { FileDrop, useUploads } from '../../upload';
import { CreateDataset } from './documents';
import { ACCEPTED_FILES, FILE_HINT } from './file-rules';

interface NewDatasetProps {
  projectId: string;
  /** What was dropped, if the dialog came of that. */
  file: File | null;
  onClose: () => void;
}

const Draft = z.object({
  name: z.string().trim().min(1, 'Give it a name that your team will know it by.').max(200, 'At most 200 characters.'),
  description: z.string().max(2_000, 'At most 2,000 characters.'),
});
type Draft = z.infer<typeof Draft>;

const FORM = 'new-dataset';

export function NewDataset({ projectId, file: dropped, onClose }: NewDatasetProps) {
  const [file, setFile] = useState(dropped);
  const [refused, setRefused] = useState<Failure[]>([]);
  const navigate = useNavigate();
  const { start } = useUploads();
  const create = useAction(CreateDataset, (data) => data.createDataset);
  const form = useForm<Draft>({
    resolver: zodResolver(Draft),
    defaultValues: { name: dropped ? nameOf(dropped) : '', description: '' },
  });
  const { errors } = form.formState;

  const submit = form.handleSubmit(async (draft) => {
    const result = await create.run({ projectId, ...draft });
    if (!result.ok) return setRefused(showFailures(form, result.failures));
    const id = result.payload.dataset?.id;
    if (!id) return;
    if (file) start(file, id);
    onClose();
    await navigate({ to: paths.dataset(id) });
  });
  const choose = (chosen: File) => {
    setFile(chosen);
    if (!form.getValues('name')) form.setValue('name', nameOf(chosen), { shouldValidate: true });
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New dataset"
      actions={
        <FormActions
          form={FORM}
          busy={create.busy}
          confirm={file ? 'Create and upload' : 'Create'}
          onCancel={onClose}
        />
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Name" required error={errors.name?.message} help="Unique in the project.">
          <Input {...form.register('name')} autoComplete="off" />
        </Field>
        <Field label="Description" error={errors.description?.message}>
          <Textarea
            {...form.register('description')}
            rows={2}
            placeholder="Where the rows come from, what they teach"
          />
        </Field>
        {file ? (
          <div className="flex items-center justify-between gap-3 rounded-md bg-sunken px-3 py-2">
            <p className="flex min-w-0 items-center gap-2">
              <FileText aria-hidden className="size-4 shrink-0 text-ink-faint" />
              <span className="truncate">{file.name}</span>
              <span className="whitespace-nowrap text-ink-faint">{formatBytes(file.size)}</span>
            </p>
            <Button small kind="quiet" onClick={() => setFile(null)}>
              Remove
            </Button>
          </div>
        ) : (
          <FileDrop
            title="Drop its first file, or add it later"
            hint={FILE_HINT}
            accept={ACCEPTED_FILES}
            onFile={choose}
          />
        )}
        <Failures failures={refused} />
      </form>
    </Dialog>
  );
}

/** The file's name without its endings. */
function nameOf({ name }: File): string {
  return name.replace(/(\.jsonl?)?(\.gz)?$/i, '').slice(0, 200);
}
