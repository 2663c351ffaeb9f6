import { registerEnumType } from '@nestjs/graphql';
import { CURRENCIES, MINOR_UNIT_DECIMALS } from '#libs/kernel';

/** `datasets:read` is DATASETS_READ in the schema. */
const nameOf = (value: string) => value.toUpperCase().replace(/\W/g, '_');

/** The values of a domain under their names in the schema. */
export function enumOf<T extends string>(values: readonly T[]): Record<string, T> {
  return Object.fromEntries(values.map((value) => [nameOf(value), value]));
}

/** What each value means, for `valuesMap`. */
export function described<T extends string>(values: readonly T[], describe: (value: T) => string) {
  return Object.fromEntries(values.map((value) => [nameOf(value), { description: describe(value) }]));
}

export const CurrencyEnum = enumOf(CURRENCIES);
registerEnumType(CurrencyEnum, {
  name: 'Currency',
  description: 'A currency that is billed in, by ISO 4217.',
  valuesMap: described(CURRENCIES, (currency) => {
    const decimals = MINOR_UNIT_DECIMALS[currency];
    return decimals === 0 ? 'It has no minor unit: amounts are whole.' : `Its minor unit has ${decimals} decimals.`;
  }),
});
