import { z } from '../api/schema';
import { decimalsOf, formatMinor, type MinorAmount, parseDecimal } from '../format';

/** As the api counts it; what is no amount, which no form sends, counts as nothing. */
export const minorOf = (text: string, currency: string): string => parseDecimal(text, decimalsOf(currency)) ?? '0';

/** In one currency, as people write it. */
export const amountField = (currency: string) =>
  z
    .string()
    .refine((text) => parseDecimal(text, decimalsOf(currency)) !== null, `An amount in ${currency}, such as 250.`);

/** Above zero, and no more than there is, of which `what` says what it is: "that can be applied". */
export const amountUpTo = (most: MinorAmount, what: string) =>
  z
    .string()
    .refine(
      (text) => BigInt(minorOf(text, most.currency)) > 0n,
      `An amount in ${most.currency} above zero, such as 250.`,
    )
    .refine(
      (text) => BigInt(minorOf(text, most.currency)) <= BigInt(most.minor),
      `More than the ${formatMinor(most)} ${what}.`,
    );
