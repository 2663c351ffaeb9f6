import { useFormContext, useWatch } from 'react-hook-form';
import { CURRENCIES, words } from '../../format';
import { formatUnits } from '../../terms';
import { Field, Input, Select } from '../../ui';
import type { Values } from './offer';

const HELP: Partial<Record<Values['prices'][number]['meter'], string>> = {
  CACHED_INPUT_TOKENS: 'What the base costs, if left out.',
};

/** A price for each kind of token, in one currency. */
export function PriceFields() {
  const { register, control, formState, getValues } = useFormContext<Values>();
  const currency = useWatch({ control, name: 'currency' });
  const { errors } = formState;
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2">
      <Field
        label="Currency"
        help="Who pays in another one pays what the base costs: your prices don’t hold there."
        error={errors.currency?.message}
      >
        <Select {...register('currency')}>
          {CURRENCIES.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
      </Field>
      {getValues('prices').map(({ meter, perUnits }, place) => (
        <Field
          key={meter}
          label={words(meter)}
          aside={`${currency} per ${formatUnits(meter, perUnits)}`}
          required={!HELP[meter]}
          help={HELP[meter]}
          error={errors.prices?.[place]?.amount?.message}
        >
          <Input {...register(`prices.${place}.amount`)} inputMode="decimal" placeholder="0.15" autoComplete="off" />
        </Field>
      ))}
    </div>
  );
}
