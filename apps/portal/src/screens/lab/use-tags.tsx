import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { tagField, tagsField, tagsOf } from '../../terms/tags';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import { type LabCheckpoint, SetCheckpointUseTags } from './documents';

const MOST_REGIONS = 50;

const schema = z.object({
  exportClassification: tagField,
  regions: tagsField.refine((text) => tagsOf(text).length <= MOST_REGIONS, `At most ${MOST_REGIONS}.`),
});
type Values = z.infer<typeof schema>;

/** Who may use a checkpoint and its variants, and where: contracts say who is cleared for what. */
export function UseTagsDialog({ checkpoint, onClose }: { checkpoint: LabCheckpoint; onClose: () => void }) {
  const { run, busy } = useAction(SetCheckpointUseTags, (data) => data.setCheckpointUseTags);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: {
      exportClassification: checkpoint.exportClassification ?? '',
      regions: checkpoint.computeRegions.join(', '),
    },
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit(async ({ exportClassification, regions }) => {
    const result = await run({
      checkpointId: checkpoint.id,
      exportClassification: exportClassification || null,
      computeRegions: tagsOf(regions),
    });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast(`The tags of ${checkpoint.name} are set`, 'They hold from the next call on.');
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Who may use ${checkpoint.name}, and where`}
      description="It holds for its variants too, and within a second for calls. What runs goes on."
      actions={<FormActions form={FORM} busy={busy} confirm="Set" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field
          label="Export classification"
          error={errors.exportClassification?.message}
          help="Whose contract does not clear them for it uses neither it nor its variants. Not controlled if left out."
        >
          <Input {...form.register('exportClassification')} autoComplete="off" spellCheck={false} placeholder="4E091" />
        </Field>
        <Field
          label="Regions"
          error={errors.regions?.message}
          help="Where alone it may be used, with commas between. Anywhere if left out."
        >
          <Input
            {...form.register('regions')}
            autoComplete="off"
            spellCheck={false}
            placeholder="eu-central, us-east"
          />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'use-tags';
