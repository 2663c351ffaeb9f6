import { z } from 'zod';

/** The gateway's side of the api's internal listener. Every call carries `Authorization: Bearer <GATEWAY_TOKEN>`. */
export const leasePaths = {
  take: '/internal/v1/leases',
  close: (leaseId: string) => `/internal/v1/leases/${leaseId}/close`,
};

const tokens = z
  .int()
  .min(0)
  .max(2 ** 40);
/** A whole number that JSON's numbers may not hold. */
const whole = z.string().regex(/^\d{1,38}$/);

/** Asks for a lease from the spend caps that bound a spender. 402 with code `spend_cap_exceeded`: not even this one call fits. */
export const LeaseRequest = z.strictObject({
  lease_id: z.string(),
  recorder_id: z.string(),
  organization_id: z.string(),
  project_id: z.string(),
  api_key_id: z.string(),
  family_id: z.string(),
  base_checkpoint_id: z.string(),
  /** Of another partner's variant; a gateway of an earlier version serves none. */
  listing_id: z.string().nullable().default(null),
  /** What the call that waits can use at most. */
  input_tokens: tokens,
  output_tokens: tokens,
  /** For how many such calls it is wanted; it may be for fewer. */
  calls: z.int().min(1).max(1_000),
});
export type LeaseRequest = z.infer<typeof LeaseRequest>;

const UnitPrice = z.strictObject({ price_nanos: whole, per_units: whole });

export const Lease = z.strictObject({
  nanos: whole,
  currency: z.string(),
  input_tokens: UnitPrice,
  output_tokens: UnitPrice,
  admits_from: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});
export type Lease = z.infer<typeof Lease>;

/** Null: no hard cap counts what these calls cost. */
export const LeaseResponse = z.strictObject({ lease: Lease.nullable() });
export type LeaseResponse = z.infer<typeof LeaseResponse>;

export const CloseLeaseRequest = z.strictObject({ organization_id: z.string() });
export type CloseLeaseRequest = z.infer<typeof CloseLeaseRequest>;
