import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { decimalsOf, formatMinor, type MinorAmount, writeDecimal } from '../../format';
import { amountUpTo, minorOf } from '../../terms/amounts';
import { BilledAmount, Button, Dialog, Facts, Failures, Field, FormActions, Input, Time, toast } from '../../ui';
import { type Balance, RecordPublisherPayout } from './documents';
import { publisherName } from './publisher-name';

const schemaFor = (payable: MinorAmount) =>
  z.object({
    amountMinor: amountUpTo(payable, 'that are still to be paid'),
    reference: z.string().trim().min(1, 'As the bank statement names it.').max(140, 'At most 140 characters.'),
    /** Of the browser, without a zone: in the reader's. */
    paidAt: z.string().min(1, 'Say when it was sent.'),
  });
type Values = z.infer<ReturnType<typeof schemaFor>>;

/** What is asked of the api, once it was looked over. */
interface Entry {
  amountMinor: string;
  reference: string;
  paidAt: string;
}

/** The lab enters money that it sent. It begins with all that is payable, and shows what will be entered before it is: it stays. */
export function PayoutDialog({ balance, onClose }: { balance: Balance; onClose: () => void }) {
  const { payable, organizationId } = balance;
  const { currency } = payable;
  const name = publisherName(balance);
  const { run, busy } = useAction(RecordPublisherPayout, (data) => data.recordPublisherPayout);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const [entry, setEntry] = useState<Entry | null>(null);
  const form = useForm<Values>({
    resolver: zodResolver(schemaFor(payable)),
    defaultValues: { amountMinor: writeDecimal(payable.minor, decimalsOf(currency)), reference: '', paidAt: '' },
  });
  const { register, formState } = form;
  const { errors } = formState;
  const lookOver = form.handleSubmit(({ amountMinor, reference, paidAt }) => {
    setFailures([]);
    setEntry({
      amountMinor: minorOf(amountMinor, currency),
      reference,
      paidAt: new Date(paidAt).toISOString(),
    });
  });
  // At once: a field can have the focus when it is there.
  const goBack = () => flushSync(() => setEntry(null));
  const change = () => {
    goBack();
    form.setFocus('amountMinor');
  };
  const enter = async (looked: Entry) => {
    const result = await run({ organizationId, currency, ...looked });
    if (!result.ok) {
      goBack();
      const ofNoField = showFailures(form, result.failures);
      if (ofNoField.length > 0) form.setFocus('amountMinor');
      return setFailures(ofNoField);
    }
    toast('The payout is entered');
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Enter a payout to ${name}`}
      description={`Of what its listings earned, ${formatMinor(payable)} are still to be paid.`}
      actions={
        entry ? (
          <>
            <Button kind="primary" busy={busy} onClick={() => void enter(entry)}>
              Enter it
            </Button>
            <Button kind="quiet" onClick={change}>
              Change it
            </Button>
          </>
        ) : (
          <FormActions form={FORM} busy={false} confirm="Look it over" onCancel={onClose} />
        )
      }
    >
      {entry ? (
        <Entered name={name} payable={payable} entry={entry} />
      ) : (
        <form id={FORM} onSubmit={(event) => void lookOver(event)} className="flex flex-col gap-4" noValidate>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Amount" aside={currency} required error={errors.amountMinor?.message}>
              <Input {...register('amountMinor')} inputMode="decimal" autoComplete="off" />
            </Field>
            <Field label="Sent" required error={errors.paidAt?.message}>
              <Input {...register('paidAt')} type="datetime-local" />
            </Field>
          </div>
          <Field
            label="Reference"
            required
            help="As the bank statement names it: the same again is the same payout."
            error={errors.reference?.message}
          >
            <Input {...register('reference')} autoComplete="off" spellCheck={false} />
          </Field>
          <Failures failures={failures} />
        </form>
      )}
    </Dialog>
  );
}

const FORM = 'payout';

/** What will be on record. It takes the focus, so that it is read before it is confirmed. */
function Entered({ name, payable, entry }: { name: string; payable: MinorAmount; entry: Entry }) {
  const { currency, minor } = payable;
  const { amountMinor, reference, paidAt } = entry;
  const group = useRef<HTMLElement>(null);
  useEffect(() => group.current?.focus(), []);
  const left = (BigInt(minor) - BigInt(amountMinor)).toString();
  return (
    <section ref={group} tabIndex={-1} aria-label="What will be entered" className="flex flex-col gap-3">
      <Facts
        facts={[
          { label: 'To', value: name },
          { label: 'Amount', value: <BilledAmount amount={{ currency, minor: amountMinor }} /> },
          { label: 'Sent', value: <Time at={paidAt} style="minute" /> },
          { label: 'Reference', value: reference },
          { label: 'Left to be paid', value: <BilledAmount amount={{ currency, minor: left }} /> },
        ]}
      />
      <p className="text-ink-soft">
        A payout is never changed or deleted once it is entered. {name} sees it with its reference.
      </p>
    </section>
  );
}
