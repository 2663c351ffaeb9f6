import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useController, useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { useSession } from '../../app';
import { now } from '../../format';
import { PartnerChoice } from '../../partners';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import { countDays, lastMonth, MOST_DAYS, rangeOf } from './days';
import { ExportJournal, ExportUsage } from './documents';
import type { ExportKind } from './route';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'Choose a day.');
const schemaFor = (needsPartner: boolean) =>
  z
    .object({
      organizationId: z.string().min(needsPartner ? 1 : 0, 'Choose a partner.'),
      first: day,
      last: day,
    })
    .refine((days) => countDays(days) >= 1, { path: ['last'], message: 'Not before the first day.' })
    .refine((days) => countDays(days) <= MOST_DAYS, {
      path: ['last'],
      message: `At most ${MOST_DAYS} days: ask for one range after another.`,
    });
type Values = z.infer<ReturnType<typeof schemaFor>>;

const TEXTS = {
  USAGE: { title: 'Export usage', from: 'By when it was admitted.' },
  JOURNAL: { title: 'Export the journal', from: 'By when it took effect.' },
} as const;

interface NewExportDialogProps {
  kind: ExportKind;
  /** For the lab: the partner that it begins with, by id. */
  partner: string | undefined;
  onClose: () => void;
}

/** Has a file made of whole days, in UTC. */
export function NewExportDialog({ kind, partner, onClose }: NewExportDialogProps) {
  const { organization } = useSession();
  const isLab = organization.kind === 'LAB';
  const needsPartner = isLab && kind === 'USAGE';
  const usage = useAction(ExportUsage, (data) => data.exportUsage);
  const journal = useAction(ExportJournal, (data) => data.exportJournal);
  const { run, busy } = kind === 'USAGE' ? usage : journal;
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schemaFor(needsPartner)),
    defaultValues: { organizationId: partner ?? '', ...lastMonth(now()) },
  });
  const chosen = useController({ control: form.control, name: 'organizationId' });
  const { errors } = form.formState;
  const submit = form.handleSubmit(async ({ organizationId, ...days }) => {
    const result = await run({ ...rangeOf(days), ...(organizationId ? { organizationId } : {}) });
    if (!result.ok) return setFailures(showFailures(form, result.failures, FIELDS));
    toast('The file is being made');
    onClose();
  });
  const { title, from } = TEXTS[kind];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description="Of whole days in UTC. It has what is on record when you ask."
      actions={<FormActions form={FORM} busy={busy} confirm="Make the file" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        {isLab && (
          <PartnerChoice
            none={needsPartner ? 'Choose one' : 'All partners'}
            required={needsPartner}
            error={errors.organizationId?.message}
            {...chosen.field}
          />
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="First day" required help={from} error={errors.first?.message}>
            <Input {...form.register('first')} type="date" />
          </Field>
          <Field label="Last day" required help="It is part of the range." error={errors.last?.message}>
            <Input {...form.register('last')} type="date" />
          </Field>
        </div>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'new-export';
const FIELDS = { from: 'first', to: 'last' } as const;
