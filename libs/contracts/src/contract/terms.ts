import { z } from 'zod';
import { type ErrorPath, errorPathOf, METERS, TAG } from '#libs/kernel';
import { CONTRACT_ERRORS } from './contract.errors.js';

/** What a price rule may name of usage, the nearest first. */
export const MATCH_FIELDS = ['projectId', 'listingId', 'checkpointId', 'familyId', 'method'] as const;

export const MOST_PRICE_RULES = 1_000;
export const MOST_TIERS = 50;
export const MOST_DISCOUNTS = 100;
export const MOST_COMMITMENTS = 100;
export const MOST_PAYMENT_DAYS = 120;
/** Export classifications and regions that a contract names. */
export const MOST_TAGS = 50;
/** Ten years: for how long a contract may keep what its partner brought. */
export const MOST_RETENTION_DAYS = 3_650;
/** What terms mean that say nothing of it, as those did that were agreed before they could. */
export const DEFAULT_PAYMENT_DAYS = 30;
export const DEFAULT_RETENTION: Readonly<Retention> = { uploadDays: null, afterEndDays: null };

/** Half a surrogate pair has no canonical JSON. */
const text = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => value.isWellFormed(), 'is not well-formed Unicode');
/** RFC 3339 with milliseconds and Z. */
const instant = z.iso.datetime({ precision: 3 }).transform((value) => new Date(value));
const natural = z
  .string()
  .regex(/^(0|[1-9]\d{0,37})$/, 'is a whole number from 0 to 38 digits, as a string')
  .transform((value) => BigInt(value));
const positive = natural.refine((value) => value > 0n, 'must be more than 0');
const basisPoints = z.int().min(0).max(1_000_000);

/** For how long the platform keeps what the partner brought and made, in days of 86,400 seconds; null: until somebody deletes it. */
const Retention = z.strictObject({
  /** A file that it uploaded, after it was complete. */
  uploadDays: z.int().min(1).max(MOST_RETENTION_DAYS).nullable(),
  /** All of its content, after its last contract ended. */
  afterEndDays: z.int().min(0).max(MOST_RETENTION_DAYS).nullable(),
});

const tag = z.string().regex(TAG, 'is 1 to 40 letters, digits and . _ / -');
const tags = z
  .array(tag)
  .max(MOST_TAGS)
  .refine((values) => new Set(values).size === values.length, 'names one twice');

const PriceTier = z.strictObject({
  upTo: positive.nullable(),
  priceNanos: natural,
  perUnits: positive,
  feeNanos: natural,
});
const tiers = z.array(PriceTier).min(1).max(MOST_TIERS);
const ContractPrice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), priceNanos: natural, perUnits: positive }),
  z.strictObject({ kind: z.literal('graduated'), tiers }),
  z.strictObject({ kind: z.literal('volume'), tiers }),
  z.strictObject({ kind: z.literal('package'), priceNanos: natural, packageUnits: positive }),
]);
const PriceRule = z.strictObject({
  id: text,
  meter: z.enum(METERS),
  match: z.strictObject({
    projectId: text.optional(),
    listingId: text.optional(),
    checkpointId: text.optional(),
    familyId: text.optional(),
    method: text.optional(),
  }),
  price: ContractPrice,
});
const Discount = z.strictObject({
  id: text,
  basisPoints: basisPoints.max(10_000),
  meters: z.array(z.enum(METERS)).nullable(),
});
const Commitment = z.strictObject({
  id: text,
  kind: z.enum(['prepaid', 'postpaid']),
  amountMinor: natural,
  from: instant,
  to: instant,
  overageBasisPoints: basisPoints.min(10_000),
});

/**
 * What a version of a contract says of money, of what may be used where, and of how long data are kept, in the form of docs/guides/how-an-invoice-is-made.md. In JSON amounts and
 * quantities are decimal strings and times RFC 3339; here they are bigints and dates.
 */
export const ContractTerms = z.strictObject({
  prices: z.array(PriceRule).max(MOST_PRICE_RULES),
  discounts: z.array(Discount).max(MOST_DISCOUNTS),
  minimumMinor: natural,
  commitments: z.array(Commitment).max(MOST_COMMITMENTS),
  taxBasisPoints: basisPoints,
  /** An invoice is to be paid within so many days after it became final. */
  paymentDays: z.int().min(0).max(MOST_PAYMENT_DAYS).default(DEFAULT_PAYMENT_DAYS),
  /** The export classifications that the partner is cleared for. */
  exportClearances: tags.default([]),
  /** Where alone its work may be done and its data may be; null: anywhere. */
  regions: tags.min(1).nullable().default(null),
  retention: Retention.default(DEFAULT_RETENTION),
});

export type PriceTier = z.infer<typeof PriceTier>;
export type ContractPrice = z.infer<typeof ContractPrice>;
export type PriceRule = z.infer<typeof PriceRule>;
export type Discount = z.infer<typeof Discount>;
export type Commitment = z.infer<typeof Commitment>;
export type Retention = z.infer<typeof Retention>;
export type ContractTerms = z.infer<typeof ContractTerms>;

/** Reads terms from JSON (parsed, not text), their form alone. Throws CONTRACT_TERMS_INVALID, whose path says where it lies. */
export function parseTerms(json: unknown): ContractTerms {
  const result = ContractTerms.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw termsInvalid({ path: errorPathOf(path), problem: message }, json);
}

/** `path` is inside the terms, which are given where it is their own and not that of an input. */
export function termsInvalid({ path, problem }: { path: ErrorPath; problem: string }, terms: unknown = null): Error {
  const named = namedByKind(terms, path);
  const place = named.join('.') || 'the whole';
  return CONTRACT_ERRORS.CONTRACT_TERMS_INVALID({ place, problem }, { path: ['terms', ...named] });
}

/** A price lies under its kind, as whoever gave the terms wrote it. */
function namedByKind(terms: unknown, path: ErrorPath): ErrorPath {
  const [list, position, field, ...rest] = path;
  if (list !== 'prices' || typeof position !== 'number' || field !== 'price') return path;
  const { prices } = terms as { prices: Array<{ price?: { kind?: unknown } }> };
  const kind = prices[position]?.price?.kind;
  return typeof kind === 'string' ? [list, position, kind, ...rest] : path;
}
