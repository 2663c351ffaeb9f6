import { z } from 'zod';
import { ContractTerms } from '#libs/contracts';
import { CURRENCIES, METERS } from '#libs/kernel';

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
const meters = z.array(z.enum(METERS)).nullable();

const Version = z.strictObject({ number: z.int().min(1), effectiveFrom: instant, terms: ContractTerms });
export const EventSchema = z.strictObject({
  id: text,
  at: instant,
  receivedAt: instant,
  meter: z.enum(METERS),
  quantity: positive,
  projectId: text,
  familyId: text.nullable(),
  checkpointId: text.nullable(),
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
  events: z.array(EventSchema),
  grants: z.array(Grant),
});

export type Version = z.infer<typeof Version>;
export type UsageEvent = z.infer<typeof EventSchema>;
export type Grant = z.infer<typeof Grant>;
export type History = z.infer<typeof HistorySchema>;
/** A history without its events, which may be too many to be held. */
export type Contract = Omit<History, 'events'>;
