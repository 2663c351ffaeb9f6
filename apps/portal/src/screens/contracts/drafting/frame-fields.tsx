import { useFormContext } from 'react-hook-form';
import { CURRENCIES } from '../../../format';
import { PartnerChoice } from '../../../partners';
import { Card, Field, Input, Select } from '../../../ui';
import type { Values } from './values';

/** What all versions of a contract share. Partner and currency are chosen once. */
export function FrameFields({ isNew }: { isNew: boolean }) {
  const { register, formState } = useFormContext<Values>();
  const { errors } = formState;
  return (
    <Card title="The contract" description="Fixed once a version was offered. Times are in UTC, as months are.">
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {isNew && (
          <>
            <PartnerChoice
              none="Choose one"
              required
              error={errors.organizationId?.message}
              {...register('organizationId')}
            />
            <Field label="Currency" help="Of all its amounts.">
              <Select {...register('currency')}>
                {CURRENCIES.map((currency) => (
                  <option key={currency} value={currency}>
                    {currency}
                  </option>
                ))}
              </Select>
            </Field>
          </>
        )}
        <Field label="Name" required error={errors.name?.message}>
          <Input {...register('name')} autoComplete="off" placeholder="Master agreement 2027" />
        </Field>
        <Field label="Starts" aside="UTC" help="On acceptance, if left out." error={errors.startsAt?.message}>
          <Input {...register('startsAt')} type="datetime-local" step="any" />
        </Field>
        <Field
          label="Ends"
          aside="UTC"
          required
          help="The first instant at which it no longer holds."
          error={errors.endsAt?.message}
        >
          <Input {...register('endsAt')} type="datetime-local" step="any" />
        </Field>
        <Field
          label="Grace"
          aside="days"
          help="So long after a month late usage still comes onto its invoice."
          error={errors.graceDays?.message}
        >
          <Input {...register('graceDays')} inputMode="numeric" />
        </Field>
        <Field label="Purchase order" help="The partner’s reference." error={errors.purchaseOrder?.message}>
          <Input {...register('purchaseOrder')} autoComplete="off" />
        </Field>
      </div>
    </Card>
  );
}
