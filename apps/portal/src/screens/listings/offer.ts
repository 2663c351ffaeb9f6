import { z } from '../../api/schema';
import { CURRENCIES, NANO_DIGITS, parseDecimal, writeDecimal } from '../../format';
import { METER_UNITS } from '../../terms';
import type { ListingDocument, ListingPrice } from './documents';

/** What a listing has a price for. What of it may be left out costs what the base costs. */
const METERS = ['INPUT_TOKENS', 'CACHED_INPUT_TOKENS', 'OUTPUT_TOKENS'] as const satisfies ReadonlyArray<
  ListingPrice['meter']
>;
const OPTIONAL: ReadonlySet<ListingPrice['meter']> = new Set(['CACHED_INPUT_TOKENS']);
const MOST_NAMED = 100;

const idsOf = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

const price = z
  .object({
    meter: z.enum(METERS),
    /** In the major unit of the currency. */
    amount: z.string(),
    /** For how many units of the meter. */
    perUnits: z.string(),
  })
  .superRefine(({ meter, amount }, context) => {
    const isLeftOut = amount.trim() === '' && OPTIONAL.has(meter);
    if (!isLeftOut && parseDecimal(amount, NANO_DIGITS) === null)
      context.addIssue({ code: 'custom', message: 'An amount such as 0.15.', path: ['amount'] });
  });

export const schema = z
  .object({
    checkpointId: z.string().min(1, 'Choose what you offer.'),
    title: z.string().trim().min(1, 'What it is called.').max(200, 'At most 200 characters.'),
    summary: z.string().trim().min(1, 'What it is good for.').max(2_000, 'At most 2,000 characters.'),
    audience: z.enum(['ALL_PARTNERS', 'NAMED']),
    /** Ids, with commas or spaces between them. */
    organizationIds: z.string(),
    currency: z.enum(CURRENCIES),
    prices: z.array(price).length(METERS.length),
    allowsFineTuning: z.boolean(),
    terms: z
      .string()
      .refine((text) => text.trim() !== '', 'Say on which terms.')
      .max(200_000, 'At most 200,000 characters.'),
  })
  .superRefine(({ audience, organizationIds }, context) => {
    if (audience === 'ALL_PARTNERS') return;
    const ids = idsOf(organizationIds);
    const problem = (message: string) => context.addIssue({ code: 'custom', message, path: ['organizationIds'] });
    if (ids.length === 0 || ids.some((id) => !/^org_[a-z0-9]+$/.test(id)))
      problem('Ids such as org_…, with commas between them.');
    if (ids.length > MOST_NAMED) problem(`At most ${MOST_NAMED}.`);
  });
export type Values = z.infer<typeof schema>;

export const BLANK: Values = {
  checkpointId: '',
  title: '',
  summary: '',
  audience: 'ALL_PARTNERS',
  organizationIds: '',
  currency: 'USD',
  prices: METERS.map((meter) => ({ meter, amount: '', perUnits: METER_UNITS[meter].priced })),
  allowsFineTuning: false,
  terms: '',
};

/** What the form begins with to change a listing. */
export function valuesOf(listing: ListingDocument): Values {
  const { title, summary, audience, currency, allowsFineTuning, terms } = listing;
  const known = new Map(listing.prices.map((one) => [one.meter, one]));
  return {
    ...{ title, summary, audience, allowsFineTuning, terms },
    checkpointId: listing.checkpoint?.id ?? '',
    currency: CURRENCIES.find((one) => one === currency) ?? BLANK.currency,
    organizationIds: listing.namedOrganizationIds.join(', '),
    prices: BLANK.prices.map((blank) => {
      const before = known.get(blank.meter);
      return before
        ? { ...blank, amount: writeDecimal(before.priceNanos, NANO_DIGITS), perUnits: before.perUnits }
        : blank;
    }),
  };
}

/** What the form says, as the api takes it. */
export function offerOf({ title, summary, audience, organizationIds, currency, prices, ...rest }: Values) {
  return {
    ...{ title, summary, currency, terms: rest.terms, allowsFineTuning: rest.allowsFineTuning },
    organizationIds: audience === 'NAMED' ? idsOf(organizationIds) : null,
    prices: prices.flatMap(({ meter, amount, perUnits }) => {
      const priceNanos = parseDecimal(amount, NANO_DIGITS);
      return priceNanos === null ? [] : [{ meter, priceNanos, perUnits }];
    }),
  };
}
