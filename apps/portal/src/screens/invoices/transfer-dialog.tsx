import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { decimalsOf, formatMinor, writeDecimal } from '../../format';
import { amountField, minorOf } from '../../terms/amounts';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import { type Invoice, RecordBankTransfer } from './documents';
import { invoiceTitle } from './states';

const schemaFor = (currency: string) =>
  z.object({
    amountMinor: amountField(currency),
    /** Of the browser, without a zone: in the reader's. */
    receivedAt: z.string().min(1, 'Say when it came.'),
    reference: z.string().trim().min(1, 'As the bank statement names it.').max(140, 'At most 140 characters.'),
  });
type Values = z.infer<ReturnType<typeof schemaFor>>;

/** The lab enters money that it saw on its account. It begins with all that is open. */
export function TransferDialog({ invoice, onClose }: { invoice: Invoice; onClose: () => void }) {
  const { currency, open } = invoice;
  const { run, busy } = useAction(RecordBankTransfer, (data) => data.recordBankTransfer);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schemaFor(currency)),
    defaultValues: {
      amountMinor: open && open.minor !== '0' ? writeDecimal(open.minor, decimalsOf(currency)) : '',
      receivedAt: '',
      reference: '',
    },
  });
  const { register, formState } = form;
  const { errors } = formState;
  const submit = form.handleSubmit(async ({ amountMinor, receivedAt, reference }) => {
    const result = await run({
      invoiceId: invoice.id,
      amountMinor: minorOf(amountMinor, currency),
      receivedAt: new Date(receivedAt).toISOString(),
      reference,
    });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast('The transfer is entered');
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Enter a bank transfer"
      description={`For ${invoiceTitle(invoice).toLowerCase()}${open ? `, of which ${formatMinor(open)} is open` : ''}. The books take it over in a moment.`}
      actions={<FormActions form={FORM} busy={busy} confirm="Enter it" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Amount"
            aside={currency}
            required
            help="What is beyond what is open stays unapplied."
            error={errors.amountMinor?.message}
          >
            <Input {...register('amountMinor')} inputMode="decimal" autoComplete="off" />
          </Field>
          <Field label="Came" required error={errors.receivedAt?.message}>
            <Input {...register('receivedAt')} type="datetime-local" />
          </Field>
        </div>
        <Field
          label="Reference"
          required
          help="As the bank statement names it: the same again is the same transfer."
          error={errors.reference?.message}
        >
          <Input {...register('reference')} autoComplete="off" spellCheck={false} />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'bank-transfer';
