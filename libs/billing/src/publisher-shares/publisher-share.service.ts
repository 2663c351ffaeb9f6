import { Inject, Injectable } from '@nestjs/common';
import { publisherShareOf, WHOLE_BASIS_POINTS } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { accruePublisherShare, amountOn, LedgerService, type LedgerTransaction, reverse, shareKey } from '#libs/ledger';
import { Database, type Transaction } from '#platform/database';
import { billingScope } from '../billing-scope.js';
import { roundedPart } from '../invoicing/money.js';
import { type ChargedUse, chargedUseOf } from './charged-use.js';

/** What publishers earn of the use of their listings by others, in their own books. */
@Injectable()
export class PublisherShareService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Brings the books of publishers to what an invoice charges. Again it is the same, whatever message asks for it and in whatever order:
   * it follows what stands, and looks again afterwards, since two at once may have read before and after a change.
   */
  async settle(invoiced: { organizationId: string; invoiceId: string }): Promise<void> {
    for (let read = await this.charged(invoiced); read.length > 0; ) {
      for (const use of read) await this.post(use);
      const again = await this.charged(invoiced);
      if (again.every(({ chargedMinor }, position) => chargedMinor === read[position]?.chargedMinor)) return;
      read = again;
    }
  }

  private charged({ organizationId, invoiceId }: { organizationId: string; invoiceId: string }): Promise<ChargedUse[]> {
    return this.database.read(billingScope(organizationId), (tx) => chargedUseOf(tx, invoiceId));
  }

  private post(use: ChargedUse): Promise<void> {
    const { listingId, invoiceId, currency, from, to, finalizedAt, chargedMinor } = use;
    return this.database.transaction(billingScope(use.publisherId), async (tx) => {
      await this.ledger.hold(tx);
      const shareMinor = roundedPart(chargedMinor, BigInt(await publisherShareOf(tx, listingId)), WHOLE_BASIS_POINTS);
      const posted = await this.posted(tx, use);
      const standing = posted.find(({ reversedByTransactionId }) => reversedByTransactionId === null);
      if (shareMinor === (standing ? amountOn(standing.entries, 'publisher_share_expense') : 0n)) return;
      const reversedAt = this.clock.now();
      if (standing)
        await this.ledger.post(
          tx,
          reverse({ transaction: standing, reversedAt, reason: 'The invoice charges less now' }),
        );
      if (shareMinor === 0n) return;
      const revision = posted.length + 1;
      const accruedAt = revision === 1 ? finalizedAt : reversedAt;
      await this.ledger.post(
        tx,
        accruePublisherShare({ listingId, invoiceId, revision, currency, from, to, accruedAt, shareMinor }),
      );
    });
  }

  /** All that was ever posted of it, the first first. */
  private async posted(tx: Transaction, { listingId, invoiceId }: ChargedUse): Promise<LedgerTransaction[]> {
    const posted: LedgerTransaction[] = [];
    for (;;) {
      const revision = posted.length + 1;
      const one = await this.ledger.findBySourceKey(tx, shareKey({ listingId, invoiceId, revision }));
      if (!one) return posted;
      posted.push(one);
    }
  }
}
