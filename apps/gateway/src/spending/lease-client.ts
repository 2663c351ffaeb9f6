import type { SpendLease, TokenUse, UnitPrice } from '#libs/contracts';
import { type Currency, DomainError } from '#libs/kernel';
import { LeaseRequest, LeaseResponse, leasePaths } from '#libs/messages';
import type { OpenAiErrorBody } from '#platform/http';
import { GATEWAY_ERRORS } from '../gateway.errors.js';

const TIMEOUT_MILLISECONDS = 3_000;
const RETRY_AFTER_SECONDS = 2;
/** What a lease is refused with because too little is left: the caller is told so in the same words. */
const PAYMENT_REQUIRED = 402;

/** Who spends, by which model: prices depend on both. */
export interface LeaseHolder {
  organizationId: string;
  projectId: string;
  apiKeyId: string;
  familyId: string;
  baseCheckpointId: string;
  listingId: string | null;
}

export interface WantedLease extends LeaseHolder {
  leaseId: string;
  recorderId: string;
  greatestUse: TokenUse;
  calls: number;
}

/** The api's internal listener, where leases are taken from spend caps and given back. */
export class LeaseClient {
  constructor(private readonly options: { url: string; token: string }) {}

  /** Null where no hard cap counts it. Refused with SPEND_CAP_EXCEEDED, or with SPEND_LEASE_UNAVAILABLE where the api gives no answer. */
  async take(wanted: WantedLease): Promise<SpendLease | null> {
    const response = await this.post(leasePaths.take, {
      lease_id: wanted.leaseId,
      recorder_id: wanted.recorderId,
      organization_id: wanted.organizationId,
      project_id: wanted.projectId,
      api_key_id: wanted.apiKeyId,
      family_id: wanted.familyId,
      base_checkpoint_id: wanted.baseCheckpointId,
      listing_id: wanted.listingId,
      input_tokens: wanted.greatestUse.inputTokens,
      output_tokens: wanted.greatestUse.outputTokens,
      calls: wanted.calls,
    } satisfies LeaseRequest);
    if (response.status === PAYMENT_REQUIRED) throw refusalOf((await response.json()) as OpenAiErrorBody);
    if (!response.ok) throw unavailable(await response.text());
    const { lease } = LeaseResponse.parse(await response.json());
    return (
      lease && {
        id: wanted.leaseId,
        nanos: BigInt(lease.nanos),
        currency: lease.currency as Currency,
        prices: { inputTokens: priceOf(lease.input_tokens), outputTokens: priceOf(lease.output_tokens) },
        admitsFrom: new Date(lease.admits_from),
        expiresAt: new Date(lease.expires_at),
      }
    );
  }

  /** All that was admitted under it is final on record. */
  async close(organizationId: string, leaseId: string): Promise<void> {
    const response = await this.post(leasePaths.close(leaseId), { organization_id: organizationId });
    if (!response.ok) throw unavailable(await response.text());
  }

  private async post(path: string, body: object): Promise<Response> {
    try {
      return await fetch(this.options.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.options.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      });
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function priceOf({ price_nanos, per_units }: { price_nanos: string; per_units: string }): UnitPrice {
  return { priceNanos: BigInt(price_nanos), perUnits: BigInt(per_units) };
}

function refusalOf({ error }: OpenAiErrorBody): DomainError {
  return new DomainError((error.code ?? 'spend_cap_exceeded').toUpperCase(), error.message, {
    status: PAYMENT_REQUIRED,
  });
}

function unavailable(cause: unknown): DomainError {
  return GATEWAY_ERRORS.SPEND_LEASE_UNAVAILABLE({ retryAfterSeconds: RETRY_AFTER_SECONDS }, { cause });
}
