import { z } from 'zod';
import { CURRENCIES } from './money.js';

/** In the order of usage lines. */
export const METERS = [
  'training_tokens',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'evaluation_tokens',
  'gpu_seconds',
  'stored_byte_hours',
] as const;
export type Meter = (typeof METERS)[number];

/** What a rule may name of an event, the nearest first. */
export const MATCH_FIELDS = ['projectId', 'listingId', 'checkpointId', 'familyId', 'method'] as const;

/** Half a surrogate pair has no code point to order by and no canonical JSON. */
const text = z
  .string()
  .min(1)
  .refine((value) => value.isWellFormed(), 'is not well-formed Unicode');
/** Milliseconds since 1970, from RFC 3339 with milliseconds and Z. */
const instant = z.iso.datetime({ precision: 3 }).transform((value) => Date.parse(value));
/** A decimal string, or a number that JSON holds exactly. */
const natural = z.union([z.string().regex(/^(0|[1-9]\d*)$/), z.int().min(0)]).transform((value) => BigInt(value));
const positive = natural.refine((value) => value > 0n, 'must be more than 0');
const basisPoints = z.int().min(0);
const meters = z.array(z.enum(METERS)).nullable();

const Tier = z.strictObject({ upTo: positive.nullable(), priceNanos: natural, perUnits: positive, feeNanos: natural });
const Price = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), priceNanos: natural, perUnits: positive }),
  z.strictObject({ kind: z.literal('graduated'), tiers: z.array(Tier).min(1) }),
  z.strictObject({ kind: z.literal('volume'), tiers: z.array(Tier).min(1) }),
  z.strictObject({ kind: z.literal('package'), priceNanos: natural, packageUnits: positive }),
]);
const Rule = z.strictObject({
  id: text,
  meter: z.enum(METERS),
  match: z.strictObject({
    projectId: text.optional(),
    listingId: text.optional(),
    checkpointId: text.optional(),
    familyId: text.optional(),
    method: text.optional(),
  }),
  price: Price,
});
const Discount = z.strictObject({ id: text, basisPoints: basisPoints.max(10_000), meters });
const Commitment = z.strictObject({
  id: text,
  kind: z.enum(['prepaid', 'postpaid']),
  amountMinor: natural,
  from: instant,
  to: instant,
  overageBasisPoints: z.int().min(10_000),
});
const Terms = z.strictObject({
  prices: z.array(Rule),
  discounts: z.array(Discount),
  minimumMinor: natural,
  commitments: z.array(Commitment),
  taxBasisPoints: basisPoints,
});
const Version = z.strictObject({ number: z.int().min(1), effectiveFrom: instant, terms: Terms });
const Event = z.strictObject({
  id: text,
  at: instant,
  receivedAt: instant,
  meter: z.enum(METERS),
  quantity: positive,
  projectId: text,
  familyId: text,
  checkpointId: text,
  listingId: text.nullable(),
  method: text.nullable(),
});
const Grant = z.strictObject({
  id: text,
  amountMinor: natural,
  effectiveAt: instant,
  expiresAt: instant.nullable(),
  voidedAt: instant.nullable(),
  priority: z.int(),
  recurrence: z.enum(['once', 'monthly']),
  rolloverMinor: natural,
  meters,
  projectIds: z.array(text).nullable(),
});
/** The form of a history; what holds between its fields is in history-rules.ts. */
export const HistorySchema = z.strictObject({
  currency: z.enum(CURRENCIES),
  startsAt: instant,
  endsAt: instant,
  graceDays: z.int().min(0),
  periods: z.int().min(0),
  versions: z.array(Version).min(1),
  events: z.array(Event),
  grants: z.array(Grant),
});

export type Tier = z.infer<typeof Tier>;
export type Price = z.infer<typeof Price>;
export type Rule = z.infer<typeof Rule>;
export type Discount = z.infer<typeof Discount>;
export type Commitment = z.infer<typeof Commitment>;
export type Version = z.infer<typeof Version>;
export type UsageEvent = z.infer<typeof Event>;
export type Grant = z.infer<typeof Grant>;
export type History = z.infer<typeof HistorySchema>;
/** A history without its events, which may be too many to be held. */
export type Contract = Omit<History, 'events'>;
