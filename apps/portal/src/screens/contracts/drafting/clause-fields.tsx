import { Plus, X } from 'lucide-react';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { Button, Card, Field, IconButton, Input, Select } from '../../../ui';
import { blankCommitment, blankDiscount } from './blank';
import { MeterChoices } from './meter-choices';
import type { Values } from './values';

export function DiscountFields() {
  const { register, control, formState } = useFormContext<Values>();
  const { fields, append, remove } = useFieldArray({ control, name: 'discounts' });
  return (
    <Card title="Discounts" description="Those of a meter add up.">
      {fields.map(({ id }, position) => {
        const wrong = formState.errors.discounts?.[position];
        return (
          <div key={id} className="flex flex-col gap-2 rounded-md border border-line p-3.5">
            <div className="grid items-start gap-3 sm:grid-cols-[1fr_10rem_2rem]">
              <Field label="Discount" error={wrong?.id?.message}>
                <Input {...register(`discounts.${position}.id`)} autoComplete="off" spellCheck={false} />
              </Field>
              <Field label="Less" aside="%" error={wrong?.percent?.message}>
                <Input {...register(`discounts.${position}.percent`)} inputMode="decimal" />
              </Field>
              <IconButton
                icon={X}
                label={`Remove discount ${position + 1}`}
                className="sm:mt-6.5"
                onClick={() => remove(position)}
              />
            </div>
            <MeterChoices
              legend="Of these; of all, if none is chosen"
              field={register(`discounts.${position}.meters`)}
            />
          </div>
        );
      })}
      <div>
        <Button small icon={Plus} onClick={() => append(blankDiscount())}>
          Add a discount
        </Button>
      </div>
    </Card>
  );
}

export function CommitmentFields() {
  const { control } = useFormContext<Values>();
  const { fields, append, remove } = useFieldArray({ control, name: 'commitments' });
  return (
    <Card
      title="Commitments"
      description="They begin and end with months, and do not overlap. An amendment may raise one that was accepted, and nothing else."
    >
      {fields.map(({ id }, position) => (
        <CommitmentRow key={id} position={position} onRemove={() => remove(position)} />
      ))}
      <div>
        <Button small icon={Plus} onClick={() => append(blankCommitment())}>
          Add a commitment
        </Button>
      </div>
    </Card>
  );
}

function CommitmentRow({ position, onRemove }: { position: number; onRemove: () => void }) {
  const { register, control, formState } = useFormContext<Values>();
  const currency = useWatch({ control, name: 'currency' });
  const place = `commitments.${position}` as const;
  const wrong = formState.errors.commitments?.[position];
  return (
    <fieldset className="grid min-w-0 items-start gap-3 rounded-md border border-line p-3.5 sm:grid-cols-3">
      <legend className="px-1 text-sm text-ink-faint">Commitment {position + 1}</legend>
      <Field label="Commitment" error={wrong?.id?.message}>
        <Input {...register(`${place}.id`)} autoComplete="off" spellCheck={false} />
      </Field>
      <Field label="Kind">
        <Select {...register(`${place}.kind`)}>
          <option value="PREPAID">Prepaid: bought, then drawn down</option>
          <option value="POSTPAID">Postpaid: made up at its end</option>
        </Select>
      </Field>
      <Field label="Amount" aside={currency} error={wrong?.amount?.message}>
        <Input {...register(`${place}.amount`)} inputMode="decimal" />
      </Field>
      <Field label="From" aside="UTC" error={wrong?.from?.message}>
        <Input {...register(`${place}.from`)} type="datetime-local" step="any" />
      </Field>
      <Field label="Until" aside="UTC" error={wrong?.to?.message}>
        <Input {...register(`${place}.to`)} type="datetime-local" step="any" />
      </Field>
      <Field label="Beyond it" aside="% of the price" error={wrong?.overage?.message}>
        <Input {...register(`${place}.overage`)} inputMode="decimal" />
      </Field>
      <div>
        <Button small icon={X} onClick={onRemove}>
          Remove<span className="sr-only"> commitment {position + 1}</span>
        </Button>
      </div>
    </fieldset>
  );
}

export function OtherFields() {
  const { register, control, formState } = useFormContext<Values>();
  const currency = useWatch({ control, name: 'currency' });
  const { errors } = formState;
  return (
    <Card title="Minimum, tax and payment">
      <div className="grid gap-4 sm:grid-cols-3">
        <Field
          label="Minimum"
          aside={`${currency} a month`}
          help="The least that a whole month’s usage costs; 0: none."
          error={errors.minimum?.message}
        >
          <Input {...register('minimum')} inputMode="decimal" />
        </Field>
        <Field label="Tax" aside="%" help="Of what is due; 0: none." error={errors.tax?.message}>
          <Input {...register('tax')} inputMode="decimal" />
        </Field>
        <Field
          label="Payable within"
          aside="days"
          help="After an invoice became final; 0: at once."
          error={errors.paymentDays?.message}
        >
          <Input {...register('paymentDays')} inputMode="numeric" />
        </Field>
      </div>
    </Card>
  );
}

export function UseFields() {
  const { register, formState } = useFormContext<Values>();
  const { errors } = formState;
  return (
    <Card
      title="Export control and residency"
      description="What may be used, and where. Several are separated by commas."
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Cleared for"
          help="Export classifications, as they stand on checkpoints; none: only what has none."
          error={errors.exportClearances?.message}
        >
          <Input {...register('exportClearances')} autoComplete="off" spellCheck={false} />
        </Field>
        <Field
          label="Regions"
          help="Where alone work may be done and data may be; none: anywhere."
          error={errors.regions?.message}
        >
          <Input {...register('regions')} autoComplete="off" spellCheck={false} />
        </Field>
      </div>
    </Card>
  );
}

export function RetentionFields() {
  const { register, formState } = useFormContext<Values>();
  const { errors } = formState;
  return (
    <Card
      title="Retention"
      description="After so many days data are deleted; nothing: kept until somebody deletes them."
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Uploads" aside="days" help="Each file, after it was complete." error={errors.uploadDays?.message}>
          <Input {...register('uploadDays')} inputMode="numeric" />
        </Field>
        <Field
          label="After the end"
          aside="days"
          help="All content of the partner, after its last contract ended; 0: at once."
          error={errors.afterEndDays?.message}
        >
          <Input {...register('afterEndDays')} inputMode="numeric" />
        </Field>
      </div>
    </Card>
  );
}
