import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { decimalsOf, formatMinor, type MinorAmount, writeDecimal } from '../../format';
import { amountUpTo, minorOf } from '../../terms/amounts';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import { ApplyUnappliedPayments, type Invoice } from './documents';
import { invoiceTitle } from './states';

const schemaFor = (most: MinorAmount) => z.object({ amountMinor: amountUpTo(most, 'that can be applied') });
type Values = z.infer<ReturnType<typeof schemaFor>>;

interface ApplicationDialogProps {
  invoice: Invoice;
  unapplied: MinorAmount;
  onClose: () => void;
}

/** The lab pays an invoice with what its partner paid too much. It begins with as much as there is. */
export function ApplicationDialog({ invoice, unapplied, onClose }: ApplicationDialogProps) {
  const { currency } = invoice;
  const open = invoice.open ?? { currency, minor: '0' };
  const most = BigInt(unapplied.minor) < BigInt(open.minor) ? unapplied : open;
  const { run, busy } = useAction(ApplyUnappliedPayments, (data) => data.applyUnappliedPayments);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schemaFor(most)),
    defaultValues: { amountMinor: writeDecimal(most.minor, decimalsOf(currency)) },
  });
  const { register, formState } = form;
  const submit = form.handleSubmit(async ({ amountMinor }) => {
    const result = await run({ invoiceId: invoice.id, amountMinor: minorOf(amountMinor, currency) });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast('It is applied');
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Apply unapplied payments"
      description={`To ${invoiceTitle(invoice).toLowerCase()}, of which ${formatMinor(open)} is open. ${formatMinor(unapplied)} is there. The books take it over in a moment.`}
      actions={<FormActions form={FORM} busy={busy} confirm="Apply it" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Amount" aside={currency} required error={formState.errors.amountMinor?.message}>
          <Input {...register('amountMinor')} inputMode="decimal" autoComplete="off" />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'payment-application';
