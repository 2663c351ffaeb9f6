import { z } from '../../../api/schema';
import { CURRENCIES, decimalsOf, NANO_DIGITS, parseDecimal } from '../../../format';
import { METERS, type Meter } from '../../../terms';
import { tagsField } from '../../../terms/tags';

export const PRICE_KINDS = ['flat', 'graduated', 'volume', 'package'] as const;
export const MATCH_FIELDS = ['projectId', 'listingId', 'checkpointId', 'familyId', 'method'] as const;
/** Percent, to the hundredth: basis points. */
export const PERCENT_DIGITS = 2;
const MOST_GRACE_DAYS = 366;
const MOST_PAYMENT_DAYS = 120;
const MOST_RETENTION_DAYS = 3_650;

const id = z.string().trim().min(1, 'Give it a name.').max(200, 'At most 200 characters.');
const count = z.string().regex(/^[1-9]\d{0,24}$/, 'A whole number above zero.');
const meter = z.enum(METERS as [Meter, ...Meter[]]);
const days = (most: number) =>
  z.string().refine((text) => /^\d{1,3}$/.test(text) && Number(text) <= most, `0 to ${most} days.`);
/** Nothing: for as long as nobody deletes it. */
const keptDays = (least: number) =>
  z
    .string()
    .refine(
      (text) => text === '' || (/^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= MOST_RETENTION_DAYS),
      `${least} to 3,650 days, or nothing.`,
    );
const decimal = (digits: number, problem: string) =>
  z.string().refine((text) => parseDecimal(text, digits) !== null, problem);
const price = decimal(NANO_DIGITS, 'An amount such as 0.15.');
const percent = decimal(PERCENT_DIGITS, 'Percent such as 7.5.');

const tier = z.object({
  /** Its last unit; empty for the last tier. Of flat prices and packages nothing. */
  upTo: z.string().regex(/^([1-9]\d{0,24})?$/, 'A whole number; nothing for the last tier.'),
  price,
  /** Units that the price is for; of a package, how many are in it. */
  per: count,
  fee: price,
});
const priceRule = z.object({
  id,
  meter,
  match: z.object(Object.fromEntries(MATCH_FIELDS.map((field) => [field, z.string().trim().max(200)])) as MatchShape),
  kind: z.enum(PRICE_KINDS),
  tiers: z.array(tier).min(1),
});
type MatchShape = Record<(typeof MATCH_FIELDS)[number], z.ZodString>;
const discount = z.object({ id, percent, meters: z.array(meter) });
const instant = z.string().min(1, 'Choose a time.');
const commitment = z.object({
  id,
  kind: z.enum(['PREPAID', 'POSTPAID']),
  amount: z.string(),
  from: instant,
  to: instant,
  overage: percent.refine((text) => Number(text) >= 100, 'At least 100: no surcharge.'),
});

/** The form as it is filled in: amounts in major units, shares in percent, times in UTC without saying so. */
export const schema = z
  .object({
    organizationId: z.string().min(1, 'Choose a partner.'),
    name: id,
    currency: z.enum(CURRENCIES),
    startsAt: z.string(),
    endsAt: instant,
    graceDays: days(MOST_GRACE_DAYS),
    purchaseOrder: z.string().trim().max(200, 'At most 200 characters.'),
    summary: z.string().trim().max(2_000, 'At most 2,000 characters.'),
    effectiveFrom: z.string(),
    prices: z.array(priceRule),
    discounts: z.array(discount),
    minimum: z.string(),
    commitments: z.array(commitment),
    tax: percent,
    paymentDays: days(MOST_PAYMENT_DAYS),
    exportClearances: tagsField,
    regions: tagsField,
    uploadDays: keptDays(1),
    afterEndDays: keptDays(0),
  })
  .superRefine(({ currency, minimum, commitments, prices }, context) => {
    const problem = `An amount in ${currency}, such as 1000.`;
    const check = (text: string, path: Array<string | number>) => {
      if (parseDecimal(text, decimalsOf(currency)) === null)
        context.addIssue({ code: 'custom', message: problem, path });
    };
    check(minimum, ['minimum']);
    for (const [position, { amount }] of commitments.entries()) check(amount, ['commitments', position, 'amount']);
    for (const [position, rule] of prices.entries()) {
      if (prices.findIndex((other) => other.id === rule.id) < position)
        context.addIssue({ code: 'custom', message: 'Another rule has this name.', path: ['prices', position, 'id'] });
    }
  });
export type Values = z.infer<typeof schema>;
export type RuleValues = Values['prices'][number];
export type PriceKind = RuleValues['kind'];
