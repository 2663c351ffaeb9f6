import { Injectable } from '@nestjs/common';
import {
  type InferenceSpan,
  type InferenceSpend,
  type InferenceSpendReader,
  PriceService,
  total,
} from '#libs/contracts';
import { monthOf } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type Rated, rateUsage } from './rated-usage.js';

/** All that could have been admitted. */
const END_OF_TIME = new Date('9999-01-01T00:00:00.000Z');

/** What inference cost, for spend caps to count: priced as summaries price it, at what the month has come to so far. */
@Injectable()
export class InferenceSpendService implements InferenceSpendReader {
  constructor(private readonly prices: PriceService) {}

  async spend(tx: Transaction, { startsAt, endsAt, ...span }: InferenceSpan): Promise<InferenceSpend[]> {
    const book = await this.prices.bookFor(tx, span.organizationId);
    const rated = await rateUsage(tx, book, {
      ...span,
      from: startsAt,
      to: endsAt ?? END_OF_TIME,
      kind: 'inference',
      groupBy: ['project', 'api_key'],
      isWholeOrganization: true,
    });
    const priced = rated.filter(({ price }) => price !== null);
    return [...Map.groupBy(priced, keyOf).values()].map(spendOf);
  }
}

/** Of one spender in one month. */
function keyOf({ amount, price }: Rated): string {
  const { projectId, apiKeyId } = amount.group;
  return JSON.stringify([projectId, apiKeyId, price?.currency, monthOf(amount.pricedAt)]);
}

function spendOf(group: readonly Rated[]): InferenceSpend {
  const [{ amount, price }] = group as [Rated];
  return {
    projectId: amount.projectId,
    apiKeyId: amount.group.apiKeyId,
    currency: price!.currency,
    at: amount.pricedAt,
    nanos: total(group.flatMap(({ nanos }) => nanos ?? [])),
  };
}
