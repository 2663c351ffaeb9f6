import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { decimalsOf, formatMinor, writeDecimal } from '../../format';
import { amountField, minorOf } from '../../terms/amounts';
import { Dialog, Failures, Field, FormActions, Input, Textarea, toast } from '../../ui';
import { type CreditNote, RefundCreditNote } from './documents';

const schemaFor = (currency: string) =>
  z.object({
    amountMinor: amountField(currency),
    reason: z.string().trim().min(1, 'Say why.').max(500, 'At most 500 characters.'),
  });
type Values = z.infer<ReturnType<typeof schemaFor>>;

/** The lab gives back what a credit note left owed. It begins with all of it. */
export function RefundDialog({ note, onClose }: { note: CreditNote; onClose: () => void }) {
  const { currency } = note.total;
  const left = note.unrefunded ?? { currency, minor: '0' };
  const { run, busy } = useAction(RefundCreditNote, (data) => data.refundCreditNote);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schemaFor(currency)),
    defaultValues: { amountMinor: writeDecimal(left.minor, decimalsOf(currency)), reason: '' },
  });
  const { register, formState } = form;
  const { errors } = formState;
  const submit = form.handleSubmit(async ({ amountMinor, reason }) => {
    const minor = minorOf(amountMinor, currency);
    const result = await run({ creditNoteId: note.id, amountMinor: minor, reason });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast('The refund is on its way');
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Refund"
      description={`Of credit note ${note.number}, of which ${formatMinor(left)} is owed. It goes back to the payments that it came from, the newest first.`}
      actions={<FormActions form={FORM} busy={busy} confirm="Refund it" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Amount" aside={currency} required error={errors.amountMinor?.message}>
          <Input {...register('amountMinor')} inputMode="decimal" autoComplete="off" />
        </Field>
        <Field label="Reason" required help="The partner can read it." error={errors.reason?.message}>
          <Textarea {...register('reason')} />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'refund';
