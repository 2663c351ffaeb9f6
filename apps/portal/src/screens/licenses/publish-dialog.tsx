import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { Checkbox, Dialog, Failures, Field, FormActions, Input, Textarea, toast } from '../../ui';
import { PublishLicense } from './documents';

const MOST_CHARACTERS = 200_000;

const schema = z.object({
  name: z.string().trim().min(1, 'As checkpoints name it.').max(200, 'At most 200 characters.'),
  text: z
    .string()
    .refine((text) => text.trim() !== '', 'Say what is accepted.')
    .max(MOST_CHARACTERS, 'At most 200,000 characters.'),
  requiresAcceptance: z.boolean(),
  allowsOffering: z.boolean(),
  /** Of the browser, without a zone: in the reader's. Empty: as early as may be. */
  requiredFrom: z.string(),
});
type Values = z.infer<typeof schema>;

const BLANK: Values = { name: '', text: '', requiresAcceptance: true, allowsOffering: false, requiredFrom: '' };

/** The lab publishes the next version of a document. */
export function PublishDialog({ onClose }: { onClose: () => void }) {
  const { run, busy } = useAction(PublishLicense, (data) => data.publishLicense);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({ resolver: zodResolver(schema), defaultValues: BLANK });
  const { register, formState } = form;
  const { errors } = formState;
  const submit = form.handleSubmit(async ({ requiredFrom, ...values }) => {
    const result = await run({
      ...values,
      ...(requiredFrom ? { requiredFrom: new Date(requiredFrom).toISOString() } : {}),
    });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    const { license } = result.payload;
    toast(`${license?.name}, version ${license?.version}, is published`);
    onClose();
  });
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="Publish a version of a licence"
      description="It never changes: another version takes its place."
      actions={<FormActions form={FORM} busy={busy} confirm="Publish" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Name" required help="What checkpoints name as their licence." error={errors.name?.message}>
            <Input {...register('name')} autoComplete="off" spellCheck={false} placeholder="forkpoint-1.0" />
          </Field>
          <Field label="Holds from" help="As early as may be, if left out." error={errors.requiredFrom?.message}>
            <Input {...register('requiredFrom')} type="datetime-local" />
          </Field>
        </div>
        <Field label="Text" required help="Kept to the character: its hash is accepted." error={errors.text?.message}>
          <Textarea {...register('text')} className="min-h-64 font-mono text-sm" />
        </Field>
        <Checkbox
          {...register('requiresAcceptance')}
          label="Has to be accepted"
          help="From its day on, who has not accepted it starts nothing new of the checkpoints that name it, and their calls are refused."
        />
        <Checkbox
          {...register('allowsOffering')}
          label="Allows offering variants to others"
          help="Partners may list what they made of these checkpoints, at a price and after a review."
        />
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'publish-license';
