import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from './failure.js';
import { toConstant } from './output/format.js';

const WHOLE = 'is a whole number, 0 or more';
/** Whole numbers are written as they are or as strings; YAML's are read as bigints, so that none is rounded. */
const whole = z.union([z.bigint().nonnegative(WHOLE), z.string().regex(/^\d{1,38}$/, WHOLE)], WHOLE).transform(String);
const small = z.bigint(WHOLE).nonnegative(WHOLE).max(2_147_483_647n).transform(Number);
const text = z.string().min(1).max(200);
/** input_tokens is INPUT_TOKENS. */
const constant = z.string().transform(toConstant);
const time = z
  .string()
  .refine((value) => /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value)), 'is a time in ISO 8601')
  .transform((value) => new Date(value).toISOString());

const tier = z.strictObject({
  upTo: whole.optional(),
  priceNanos: whole,
  perUnits: whole,
  feeNanos: whole.optional(),
});
const tiered = z.strictObject({ tiers: z.array(tier).min(1) });
const price = z.strictObject({
  id: text,
  meter: constant,
  match: z
    .strictObject({
      projectId: text.optional(),
      listingId: text.optional(),
      checkpointId: text.optional(),
      familyId: text.optional(),
      method: text.optional(),
    })
    .optional(),
  flat: z.strictObject({ priceNanos: whole, perUnits: whole }).optional(),
  graduated: tiered.optional(),
  volume: tiered.optional(),
  package: z.strictObject({ priceNanos: whole, packageUnits: whole }).optional(),
});
const discount = z.strictObject({ id: text, basisPoints: small, meters: z.array(constant).optional() });
const commitment = z.strictObject({
  id: text,
  kind: constant,
  amountMinor: whole,
  from: time,
  to: time,
  overageBasisPoints: small.optional(),
});

/** The schema's ContractTermsInput: what shape it has is told here, with its place; what it may say is the platform's to decide. */
export const ContractTerms = z.strictObject({
  prices: z.array(price).min(1),
  discounts: z.array(discount).optional(),
  minimumMinor: whole.optional(),
  commitments: z.array(commitment).optional(),
  taxBasisPoints: small.optional(),
  paymentDays: small.optional(),
  exportClearances: z.array(text).optional(),
  regions: z.array(text).min(1).optional(),
  retention: z.strictObject({ uploadDays: small.nullish(), afterEndDays: small.nullish() }).optional(),
});
export type ContractTerms = z.infer<typeof ContractTerms>;

export const ContractDraft = z.strictObject({
  organizationId: text,
  name: text,
  currency: constant,
  startsAt: time.optional(),
  endsAt: time,
  graceDays: small,
  purchaseOrder: text.optional(),
  summary: z.string().min(1),
  terms: ContractTerms,
});

/** Reads JSON or YAML, of which JSON is a part, by a schema; a mistake is told with its file and place. */
export async function readDocument<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const document = parseDocument(await readFile(path, 'utf8'), { intAsBigInt: true });
  const [error] = document.errors;
  if (error) throw new UsageError(`${path}: ${error.message.split('\n')[0]}`);
  const result = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(`${path}, at ${issue!.path.join('.') || 'the whole'}: ${issue!.message}`);
}
