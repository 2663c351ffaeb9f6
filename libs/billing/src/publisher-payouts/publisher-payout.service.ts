import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { LedgerReports, LedgerService, payPublisher } from '#libs/ledger';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import type { PublisherBalance, SentPayout } from './publisher-payout.js';
import {
  holdPayouts,
  insertPayout,
  lockPayout,
  markPosted,
  payoutByReference,
  sumsOfPayouts,
} from './publisher-payout.repository.js';

/** What the lab paid to publishers for what their listings earned: it sends the money by its bank, and enters here that it did. */
@Injectable()
export class PublisherPayoutService {
  constructor(
    private readonly ledger: LedgerService,
    private readonly reports: LedgerReports,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** By the lab; the publisher's books follow by a message. The same reference again is the same payout. Gives its id. */
  async record(tx: Transaction, sent: SentPayout): Promise<string> {
    const { organizationId, currency, amountMinor, paidAt } = sent;
    if (amountMinor <= 0n) throw BILLING_ERRORS.PAYOUT_EMPTY({}, { path: ['amountMinor'] });
    const at = this.clock.now();
    if (paidAt > at) throw BILLING_ERRORS.PAYOUT_IN_FUTURE({}, { path: ['paidAt'] });
    await holdPayouts(tx, organizationId);
    const known = await sameBefore(tx, sent);
    if (known) return known;
    const payableMinor = await this.payableTo(tx, { organizationId, currency });
    if (amountMinor > payableMinor) throw exceeds(sent, payableMinor);
    const id = await insertPayout(tx, sent, { payableMinor, at });
    const payload = { publisherPayoutId: id, organizationId };
    tx.publish({ type: 'billing.publisher_payout_recorded', key: id, payload });
    return id;
  }

  /** Of all publishers for the lab, of itself for a partner: whoever earned something or was paid. */
  async balances(tx: Transaction): Promise<PublisherBalance[]> {
    const sums = await sumsOfPayouts(tx);
    const inBooks = await this.reports.balancesOfAccount(tx, 'publisher_payable');
    return inBooks.flatMap(({ organizationId, currency, balanceMinor }) => {
      const sum = sums.find((one) => one.organizationId === organizationId && one.currency === currency);
      const paidOutMinor = sum?.paidOutMinor ?? 0n;
      const payableMinor = balanceMinor - (sum?.unpostedMinor ?? 0n);
      const earnedMinor = payableMinor + paidOutMinor;
      const isNothing = earnedMinor === 0n && paidOutMinor === 0n;
      return isNothing ? [] : { organizationId, currency, earnedMinor, paidOutMinor, payableMinor };
    });
  }

  /** Brings it into the books, once. By the system, in the scope of the publisher. */
  async post(tx: Transaction, id: string): Promise<void> {
    await this.ledger.hold(tx);
    const payout = await lockPayout(tx, id);
    if (!payout) throw new Error(`there is no payout ${id} to ${tx.scope.organizationId}`);
    if (payout.postedAt) return;
    // Against what was payable when it was sent: a credit note since then makes it no less paid.
    const { currency, paidAt, amountMinor, payableMinor } = payout;
    await this.ledger.post(tx, payPublisher({ payoutId: id, currency, paidAt, amountMinor, payableMinor }));
    await markPosted(tx, id, this.clock.now());
  }

  private async payableTo(
    tx: Transaction,
    { organizationId, currency }: Pick<SentPayout, 'organizationId' | 'currency'>,
  ): Promise<bigint> {
    const [sum] = await sumsOfPayouts(tx, { organizationId, currency });
    const account = { organizationId, account: 'publisher_payable', currency } as const;
    return (await this.reports.balance(tx, account)) - (sum?.unpostedMinor ?? 0n);
  }
}

async function sameBefore(tx: Transaction, sent: SentPayout): Promise<string | null> {
  const known = await payoutByReference(tx, sent);
  if (!known) return null;
  if (known.amountMinor === sent.amountMinor && known.currency === sent.currency) return known.id;
  const { reference, organizationId } = sent;
  throw BILLING_ERRORS.PAYOUT_DIFFERS({ reference, organizationId }, { path: ['reference'] });
}

function exceeds({ organizationId, currency, amountMinor }: SentPayout, payableMinor: bigint): Error {
  const amounts = { amountMinor: amountMinor.toString(), payableMinor: payableMinor.toString() };
  return BILLING_ERRORS.PAYOUT_EXCEEDS({ organizationId, currency, ...amounts }, { path: ['amountMinor'] });
}
