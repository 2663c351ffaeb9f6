import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CONTRACTS_ERRORS } from './contracts.errors.js';
import type { RateLine } from './rate.js';
import { findRateCards, insertRateCard, isTimeTaken, markPublished } from './rate-card.repository.js';

export interface DraftRateCardInput {
  name: string;
  /** Whose prices; absent: everybody's who has none of their own. */
  forOrganizationId?: string | null;
  lines: readonly RateLine[];
}

/** Rate cards: effective-dated prices that never change once published. What usage costs is asked of the PriceService. */
@Injectable()
export class RateService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  async draft(tx: Transaction, input: DraftRateCardInput): Promise<string> {
    assertLines(input.lines);
    const id = newId('rate');
    const forOrganizationId = input.forOrganizationId ?? null;
    await insertRateCard(tx, { ...input, id, forOrganizationId, createdAt: this.clock.now() });
    return id;
  }

  /** From now on it is in force, or will be at `effectiveFrom`; the card before it holds until then. */
  async publish(tx: Transaction, input: { rateCardId: string; effectiveFrom?: Date | null }): Promise<void> {
    const { rateCardId: id } = input;
    const [card] = await findRateCards(tx, [id]);
    if (!card) throw CONTRACTS_ERRORS.RATE_CARD_NOT_FOUND({ id }, { path: ['rateCardId'] });
    const now = this.clock.now();
    const effectiveFrom = input.effectiveFrom ?? now;
    const path = ['effectiveFrom'];
    const named = { effectiveFrom: effectiveFrom.toISOString() };
    if (effectiveFrom < now)
      throw CONTRACTS_ERRORS.RATE_CARD_RETROACTIVE({ ...named, now: now.toISOString() }, { path });
    if (await isTimeTaken(tx, card.forOrganizationId, effectiveFrom))
      throw CONTRACTS_ERRORS.RATE_CARD_TIME_TAKEN(named, { path });
    if (!(await markPublished(tx, id, { effectiveFrom, at: now })))
      throw CONTRACTS_ERRORS.RATE_CARD_PUBLISHED({ id }, { path: ['rateCardId'] });
  }
}

function assertLines(lines: readonly RateLine[]): void {
  const refuse = (problem: string, position?: number) => {
    throw CONTRACTS_ERRORS.RATE_CARD_LINES_INVALID(
      { problem },
      { path: position === undefined ? ['lines'] : ['lines', position] },
    );
  };
  if (lines.length === 0) refuse('there are none');
  const seen = new Set<string>();
  lines.forEach((line, position) => {
    if (line.familyId && line.checkpointId) refuse('a line is for a family, a checkpoint or everything', position);
    if (line.priceNanos < 0n) refuse('a price is not below zero', position);
    if (line.perUnits <= 0n) refuse('perUnits is at least 1', position);
    const subject = `${line.meter} ${line.familyId ?? ''} ${line.checkpointId ?? ''}`;
    if (seen.has(subject)) refuse('two lines have the same meter and subject', position);
    seen.add(subject);
  });
}
