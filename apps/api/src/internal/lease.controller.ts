import { timingSafeEqual } from 'node:crypto';
import { Body, Controller, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { SPEND_LEASE_ERRORS, type SpendLease, SpendLeaseService, type UnitPrice } from '#libs/contracts';
import { sha256Hex } from '#libs/kernel';
import { CloseLeaseRequest, LeaseRequest, type LeaseResponse } from '#libs/messages';
import { Database, systemScope } from '#platform/database';
import { parseBody } from './parse-body.js';

/** What the gateway shows of itself; environment GATEWAY_TOKEN. */
export const GATEWAY_TOKEN = Symbol('GATEWAY_TOKEN');

/** What the gateway calls before it lets calls in that a hard cap bounds. The contract is libs/messages/src/leases.ts. */
@Controller('internal/v1/leases')
export class LeaseController {
  constructor(
    private readonly database: Database,
    private readonly leases: SpendLeaseService,
    @Inject(GATEWAY_TOKEN) private readonly token: string,
  ) {}

  @Post()
  @HttpCode(200)
  async take(
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<LeaseResponse> {
    this.assertGateway(authorization);
    const asked = parseBody(LeaseRequest, body, SPEND_LEASE_ERRORS.LEASE_REQUEST_INVALID);
    const lease = await this.database.transaction(scopeOf(asked.organization_id), (tx) =>
      this.leases.take(tx, {
        leaseId: asked.lease_id,
        recorderId: asked.recorder_id,
        projectId: asked.project_id,
        apiKeyId: asked.api_key_id,
        familyId: asked.family_id,
        baseCheckpointId: asked.base_checkpoint_id,
        listingId: asked.listing_id,
        greatestUse: { inputTokens: asked.input_tokens, outputTokens: asked.output_tokens },
        calls: asked.calls,
      }),
    );
    return { lease: lease && written(lease) };
  }

  @Post(':leaseId/close')
  @HttpCode(204)
  async close(
    @Param('leaseId') leaseId: string,
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<void> {
    this.assertGateway(authorization);
    const { organization_id } = parseBody(CloseLeaseRequest, body, SPEND_LEASE_ERRORS.LEASE_REQUEST_INVALID);
    await this.database.transaction(scopeOf(organization_id), (tx) => this.leases.close(tx, leaseId));
  }

  private assertGateway(authorization = ''): void {
    const [given, expected] = [authorization, `Bearer ${this.token}`].map((text) => Buffer.from(sha256Hex(text)));
    if (!timingSafeEqual(given!, expected!)) throw SPEND_LEASE_ERRORS.GATEWAY_TOKEN_INVALID();
  }
}

const scopeOf = (organizationId: string) => systemScope('gateway', organizationId);

function written({ nanos, currency, prices, admitsFrom, expiresAt }: SpendLease): LeaseResponse['lease'] {
  const unit = ({ priceNanos, perUnits }: UnitPrice) => ({
    price_nanos: String(priceNanos),
    per_units: String(perUnits),
  });
  return {
    nanos: String(nanos),
    currency,
    input_tokens: unit(prices.inputTokens),
    output_tokens: unit(prices.outputTokens),
    admits_from: admitsFrom.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}
