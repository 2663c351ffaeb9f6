import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, type Meter } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CONTRACTS_ERRORS } from '../contracts.errors.js';
import { pricesOfListings } from '../listings/listing.repository.js';
import { publishedCardsFor } from '../rate-card.repository.js';
import { agreedContractsOf } from './agreed-contracts.js';
import { highestNanos, type Price, PriceBook, type PricedUsage, total } from './price-book.js';

/** The one method that fine-tune jobs are trained by, as price rules name it. */
export const TRAINING_METHOD = 'lora';

/** What a checkpoint is used by, in the order of an invoice's lines. */
const CHECKPOINT_METERS = [
  'training_tokens',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'evaluation_tokens',
] as const satisfies readonly Meter[];

/** The most that some usage will cost, rounded once; exactly what it costs where its price is flat. */
export interface Quote {
  price: Price;
  at: Date;
  /** Billionths of `price.currency`. */
  roundedNanos: bigint;
}

/** What usage costs a customer: by its contract where one is in force, else by published rate cards. There is no other way to a price. */
@Injectable()
export class PriceService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Read once, then ask for the price of any amount of usage; `listingIds` are those by which something may be used. */
  async bookFor(
    tx: Transaction,
    organizationId: string = tx.scope.organizationId,
    listingIds: readonly string[] | 'all' = 'all',
  ): Promise<PriceBook> {
    const contracts = await agreedContractsOf(tx, organizationId);
    const cards = await publishedCardsFor(tx, organizationId);
    return new PriceBook(organizationId, contracts, cards, await pricesOfListings(tx, listingIds));
  }

  /** What this usage costs at a time, now unless said otherwise; a usage that has no price is refused. */
  async quote(tx: Transaction, usage: PricedUsage & { quantity: bigint; at?: Date }): Promise<Quote> {
    const at = usage.at ?? this.clock.now();
    const book = await this.bookFor(tx, tx.scope.organizationId, usage.listingId ? [usage.listingId] : []);
    const price = book.find(usage, at);
    if (!price) {
      const { meter } = usage;
      throw CONTRACTS_ERRORS.NO_PRICE({ meter, at: at.toISOString(), clause: book.refusal(at) });
    }
    return { price, at, roundedNanos: total([highestNanos(price, usage.quantity)]) };
  }

  /** The prices in force for each of several checkpoints, one per meter that has one; for a project, or for no particular one. */
  async pricesOf(
    tx: Transaction,
    subjects: ReadonlyArray<{ familyId: string; baseCheckpointId: string; listingId?: string | null }>,
    { projectId = null, at = this.clock.now() }: { projectId?: string | null; at?: Date } = {},
  ): Promise<Price[][]> {
    const listingIds = subjects.flatMap(({ listingId }) => listingId ?? []);
    const book = await this.bookFor(tx, tx.scope.organizationId, listingIds);
    return subjects.map((subject) =>
      CHECKPOINT_METERS.flatMap(
        (meter) => book.find({ ...subject, meter, projectId, method: methodOf(meter) }, at) ?? [],
      ),
    );
  }
}

function methodOf(meter: Meter): string | null {
  return meter === 'training_tokens' ? TRAINING_METHOD : null;
}
