import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { decimalsOf, parseDecimal, words } from '../../format';
import { METERS, type Meter } from '../../terms';
import { amountField } from '../../terms/amounts';
import { Checkbox, Dialog, Failures, Field, FormActions, Input, Select, Textarea, toast } from '../../ui';
import { type Contract, CreateCreditGrant } from './documents';

const schemaFor = (currency: string) => {
  const amount = amountField(currency);
  return z.object({
    reason: z.string().trim().min(1, 'Say what it is for.').max(500, 'At most 500 characters.'),
    amountMinor: amount,
    /** Of the browser, without a zone: in the reader's. Empty: now, or never. */
    effectiveAt: z.string(),
    expiresAt: z.string(),
    priority: z.string().regex(/^-?\d{1,6}$/, 'A whole number.'),
    recurrence: z.enum(['ONCE', 'MONTHLY']),
    rolloverMinor: amount,
    meters: z.array(z.enum(METERS as [Meter, ...Meter[]])),
    projectIds: z
      .string()
      .regex(/^\s*(proj_[a-z0-9]+[\s,]*)*$/, 'Ids such as proj_…, with commas between them, or nothing.'),
  });
};
type Values = z.infer<ReturnType<typeof schemaFor>>;

const BLANK: Values = {
  reason: '',
  amountMinor: '',
  effectiveAt: '',
  expiresAt: '',
  priority: '0',
  recurrence: 'ONCE',
  rolloverMinor: '0',
  meters: [],
  projectIds: '',
};

/** The lab gives a credit. */
export function GrantDialog({ contract, onClose }: { contract: Contract; onClose: () => void }) {
  const { name, currency, organization } = contract;
  const { run, busy } = useAction(CreateCreditGrant, (data) => data.createCreditGrant);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({ resolver: zodResolver(schemaFor(currency)), defaultValues: BLANK });
  const { register, control, formState } = form;
  const { errors } = formState;
  const isMonthly = useWatch({ control, name: 'recurrence' }) === 'MONTHLY';
  const submit = form.handleSubmit(async (values) => {
    const result = await run({ contractId: contract.id, ...inputOf(values, currency) });
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast('The credit is granted');
    onClose();
  });
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="Grant a credit"
      description={`To ${organization.name}, for charges of ${name}. It can be voided, and never changed.`}
      actions={<FormActions form={FORM} busy={busy} confirm="Grant" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="What it is for" required help="The partner reads it." error={errors.reason?.message}>
          <Textarea {...register('reason')} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Amount" aside={currency} required error={errors.amountMinor?.message}>
            <Input {...register('amountMinor')} inputMode="decimal" />
          </Field>
          <Field label="How often">
            <Select {...register('recurrence')}>
              <option value="ONCE">Once</option>
              <option value="MONTHLY">Each month</option>
            </Select>
          </Field>
          <Field
            label="Goes into the next month"
            aside={currency}
            help="At most so much of what is left."
            error={errors.rolloverMinor?.message}
          >
            <Input {...register('rolloverMinor')} inputMode="decimal" disabled={!isMonthly} />
          </Field>
          <Field label="From" help="Now, if left out." error={errors.effectiveAt?.message}>
            <Input {...register('effectiveAt')} type="datetime-local" />
          </Field>
          <Field label="Until" help="Without an end, if left out." error={errors.expiresAt?.message}>
            <Input {...register('expiresAt')} type="datetime-local" />
          </Field>
          <Field label="Priority" help="The lowest pays first." error={errors.priority?.message}>
            <Input {...register('priority')} inputMode="numeric" />
          </Field>
        </div>
        <fieldset>
          <legend className="mb-1.5 font-medium">Usage that it pays</legend>
          <div className="grid gap-x-4 gap-y-1 sm:grid-cols-3">
            {METERS.map((meter) => (
              <Checkbox key={meter} label={words(meter)} value={meter} {...register('meters')} />
            ))}
          </div>
          <p className="mt-1 text-sm text-ink-faint">None chosen: all usage, and minimums.</p>
        </fieldset>
        <Field
          label="Projects for which it pays"
          help="All, and minimums, if left out."
          error={errors.projectIds?.message}
        >
          <Input {...register('projectIds')} placeholder="proj_…, proj_…" spellCheck={false} />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'grant-credit';

/** What is left out is the api's to choose. */
function inputOf(values: Values, currency: string) {
  const minor = (text: string) => parseDecimal(text, decimalsOf(currency)) ?? '0';
  const instant = (local: string) => new Date(local).toISOString();
  const { reason, priority, recurrence, meters, effectiveAt, expiresAt } = values;
  const projectIds = values.projectIds.match(/proj_[a-z0-9]+/g);
  return {
    reason,
    recurrence,
    priority: Number(priority),
    amountMinor: minor(values.amountMinor),
    ...(recurrence === 'MONTHLY' ? { rolloverMinor: minor(values.rolloverMinor) } : {}),
    ...(effectiveAt ? { effectiveAt: instant(effectiveAt) } : {}),
    ...(expiresAt ? { expiresAt: instant(expiresAt) } : {}),
    ...(meters.length > 0 ? { meters } : {}),
    ...(projectIds ? { projectIds } : {}),
  };
}
