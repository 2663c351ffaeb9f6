import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { decimalsOf, formatMinor, parseDecimal } from '../../format';
import { Checkbox, Dialog, Failures, Field, FormActions, Input, Textarea, toast } from '../../ui';
import { isCreditable, leftOf } from './creditable';
import { useDisputes } from './disputes';
import { CreateCreditNote, type CreditNote, type Dispute, type Invoice, type InvoiceLine } from './documents';
import { describe } from './line-text';
import { invoiceTitle } from './states';

interface Creditable {
  line: InvoiceLine;
  /** What earlier notes leave of it, in minor units. */
  leftMinor: bigint;
}

const schemaFor = (currency: string, lines: readonly Creditable[]) => {
  const minorOf = (text: string) => parseDecimal(text, decimalsOf(currency));
  return z
    .object({
      reason: z.string().trim().min(1, 'Say why.').max(500, 'At most 500 characters.'),
      /** In the order of the lines; the empty text takes nothing back. */
      amounts: z.array(z.string()),
      disputeIds: z.array(z.string()),
      refund: z.boolean(),
    })
    .superRefine(({ amounts }, context) => {
      const refuse = (place: number, message: string) =>
        context.addIssue({ code: 'custom', path: ['amounts', place], message });
      for (const [place, text] of amounts.entries()) {
        if (text === '') continue;
        const minor = minorOf(text);
        if (minor === null || BigInt(minor) <= 0n) refuse(place, `An amount in ${currency}, above zero.`);
        else if (BigInt(minor) > lines[place]!.leftMinor) refuse(place, 'More than is left of the line.');
      }
      if (amounts.every((text) => text === '')) refuse(0, 'Take something back of one line at least.');
    });
};
type Values = z.infer<ReturnType<typeof schemaFor>>;

interface CreditNoteDialogProps {
  invoice: Invoice;
  notes: readonly CreditNote[];
  onClose: () => void;
}

/** The lab takes a part of a final invoice back, line by line. */
export function CreditNoteDialog({ invoice, notes, onClose }: CreditNoteDialogProps) {
  const { currency } = invoice;
  const disputes = useDisputes(invoice.id);
  const { run, busy } = useAction(CreateCreditNote, (data) => data.createCreditNote);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const [lines] = useState(() => creditableOf(invoice, notes));
  const form = useForm<Values>({
    resolver: zodResolver(schemaFor(currency, lines)),
    defaultValues: { reason: '', amounts: lines.map(() => ''), disputeIds: [], refund: false },
  });
  const { register, formState } = form;
  const { errors } = formState;
  const submit = form.handleSubmit(async ({ reason, amounts, disputeIds, refund }) => {
    const taken = lines.flatMap(({ line }, place) => {
      const amountMinor = parseDecimal(amounts[place] ?? '', decimalsOf(currency));
      return amountMinor === null ? [] : [{ lineId: line.id, amountMinor }];
    });
    const settled = disputeIds.length > 0 ? { disputeIds } : {};
    const result = await run({ invoiceId: invoice.id, reason, lines: taken, refund, ...settled });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast('The credit note is issued');
    onClose();
  });
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="Issue a credit note"
      description={`Of ${invoiceTitle(invoice).toLowerCase()}, which stays as it is. It never changes; what was paid of it already is owed to the partner.`}
      actions={<FormActions form={FORM} busy={busy} confirm="Issue it" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Reason" required help="The partner can read it." error={errors.reason?.message}>
          <Textarea {...register('reason')} />
        </Field>
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-1.5 font-medium">What is taken back</legend>
          {lines.map(({ line, leftMinor }, place) => (
            <div key={line.id} className="grid items-start gap-x-4 gap-y-1 sm:grid-cols-2">
              <Field
                label={describe(line)}
                aside={currency}
                help={`At most ${formatMinor({ currency, minor: String(leftMinor) })}; nothing, if left out.`}
                error={errors.amounts?.[place]?.message}
              >
                <Input {...register(`amounts.${place}`)} inputMode="decimal" autoComplete="off" />
              </Field>
              <Settles
                dispute={disputes.status === 'ready' ? disputes.data.get(line.id) : undefined}
                field={register('disputeIds')}
              />
            </div>
          ))}
        </fieldset>
        <Checkbox
          {...register('refund')}
          label="Refund what of it was paid"
          help="To the payments that it came from, the newest first. Otherwise it stays owed, and can be refunded later."
        />
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'credit-note';

function creditableOf({ lines }: Invoice, notes: readonly CreditNote[]): Creditable[] {
  return lines
    .filter(isCreditable)
    .map((line) => ({ line, leftMinor: leftOf(line, notes) }))
    .filter(({ leftMinor }) => leftMinor > 0n);
}

interface SettlesProps {
  dispute: Dispute | undefined;
  field: object;
}

/** An open dispute of the line is settled by the note where the lab says so. */
function Settles({ dispute, field }: SettlesProps) {
  if (dispute?.state !== 'OPEN') return null;
  return (
    <Checkbox
      {...field}
      className="sm:pt-7"
      value={dispute.id}
      label="Settles the dispute"
      help={`“${dispute.reason}”`}
    />
  );
}
