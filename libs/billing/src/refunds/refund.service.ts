import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '#libs/audit';
import { CLOCK, type Clock, canonicalJson, larger, newId, sha256Hex, smaller } from '#libs/kernel';
import { LedgerReports, LedgerService, refund as refundPosting, reverse } from '#libs/ledger';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import type { CreditNote } from '../credit-notes/credit-note.js';
import { findCreditNotes, holdCredits } from '../credit-notes/credit-note.repository.js';
import { holdFinalInvoice, requireFinalInvoice } from '../invoices/final-invoice.js';
import { requestedApplications } from '../payment-applications/payment-application.repository.js';
import { type Refund, type RefundState, refundStates } from './refund.js';
import { findRefund, lockRefund, markRefund, refundedOf, requestedMinor } from './refund.repository.js';
import { assertWithinPayments, refundableOf, requestRefunds } from './refund-requests.js';

export interface RefundTerms {
  creditNoteId: string;
  /** In minor units, above zero; null: all that is still owed. */
  amountMinor: bigint | null;
  /** For people, and in the books. */
  reason: string;
}

/** What became of a refund. */
export interface RefundOutcome {
  state: Extract<RefundState, 'pending' | 'succeeded' | 'failed'>;
  /** Null where the provider did not take it. */
  providerRefundId: string | null;
  /** Why it failed. */
  failure: string | null;
}

const LONGEST_FAILURE = 500;

/**
 * Gives back what credit notes left owed. It is in the books before the provider is asked, so that what goes back is nobody's to use; one that
 * fails is taken back there, and owed as before. Whoever settles a refund holds its invoice, then the ledger, then the refund.
 */
@Injectable()
export class RefundService {
  constructor(
    private readonly ledger: LedgerService,
    private readonly reports: LedgerReports,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** By the lab; the books and the provider follow by messages. */
  async request(tx: Transaction, { creditNoteId, amountMinor, reason }: RefundTerms): Promise<void> {
    if (amountMinor !== null && amountMinor <= 0n) throw BILLING_ERRORS.REFUND_EMPTY({}, { path: ['amountMinor'] });
    const note = await requireCreditNote(tx, creditNoteId);
    const invoice = await requireFinalInvoice(tx, note.invoiceId);
    await holdCredits(tx, invoice.id);
    const leftMinor = await this.leftOf(tx, note);
    const asked = amountMinor ?? leftMinor;
    if (asked > leftMinor) throw exceeds(asked, leftMinor);
    const { payments, refundableMinor } = await refundableOf(tx, this.reports, invoice);
    assertWithinPayments(asked, refundableMinor, ['amountMinor']);
    const by = { requestedBy: tx.scope.actor.id, at: this.clock.now() };
    await requestRefunds(tx, { invoice, note, payments, amountMinor: asked, reason, ...by });
  }

  /** Brings it into the books, once. Gives what the provider is to do; null where nothing is left to be done. */
  async begin(tx: Transaction, refundId: string): Promise<Refund | null> {
    const refund = await this.hold(tx, refundId);
    if (refund.state === 'pending') return refund;
    if (refund.state !== 'requested') return null;
    const unappliedMinor = await this.heldFor(tx, refund);
    const failure = await this.obstacleTo(tx, refund, unappliedMinor);
    if (failure) {
      await this.conclude(tx, refund, { state: 'failed', providerRefundId: null, failure });
      return null;
    }
    const { invoiceId, currency, requestedAt: refundedAt, amountMinor, reason } = refund;
    const given = { refundId, invoiceId, currency, refundedAt, amountMinor, reason, unappliedMinor };
    await this.ledger.post(tx, refundPosting(given));
    await markRefund(tx, refundId, pendingAs(null));
    return refund;
  }

  /** Takes over what became of it. Again, or what was known before, changes nothing. */
  async settle(tx: Transaction, refundId: string, outcome: RefundOutcome): Promise<void> {
    const refund = await this.hold(tx, refundId);
    const { state, providerRefundId } = outcome;
    if (state !== 'pending') {
      if (refundStates.can(refund.state, state)) await this.conclude(tx, refund, outcome);
    } else if (refund.state === 'pending') await markRefund(tx, refundId, pendingAs(providerRefundId));
  }

  /** What a note still owes and nobody asked for: of the partner we may hold less, where that was used otherwise. */
  private async leftOf(tx: Transaction, { id, paidMinor, organizationId, currency }: CreditNote): Promise<bigint> {
    const path = ['creditNoteId'];
    if (paidMinor === null) throw BILLING_ERRORS.REFUND_TOO_EARLY({ creditNoteId: id }, { path });
    const refunded = await refundedOf(tx, [id]);
    const heldMinor = await this.heldFor(tx, { organizationId, currency });
    const promisedMinor =
      (await requestedMinor(tx, { organizationId, currency })) +
      (await requestedApplications(tx, { organizationId, currency }));
    const leftMinor = larger(smaller(paidMinor - refunded(id), heldMinor - promisedMinor), 0n);
    if (leftMinor === 0n) throw BILLING_ERRORS.REFUND_NOTHING_OWED({ what: `the credit note ${id}` }, { path });
    return leftMinor;
  }

  private heldFor(tx: Transaction, { organizationId, currency }: Pick<Refund, 'organizationId' | 'currency'>) {
    return this.reports.balance(tx, { organizationId, account: 'unapplied_payments', currency });
  }

  /** What came between asking and now, by the books. */
  private async obstacleTo(tx: Transaction, refund: Refund, unappliedMinor: bigint): Promise<string | null> {
    const reversed = await this.reports.reversedPayments(tx, { paymentIds: [refund.paymentId] });
    if (reversed.size > 0) return 'The payment was disputed, and the money went back that way';
    return refund.amountMinor > unappliedMinor ? 'What was owed to the partner was used otherwise' : null;
  }

  private async hold(tx: Transaction, refundId: string): Promise<Refund> {
    const found = await findRefund(tx, refundId);
    if (!found) throw new Error(`there is no refund ${refundId} of ${tx.scope.organizationId}`);
    await holdFinalInvoice(tx, found.invoiceId);
    await this.ledger.hold(tx);
    return (await lockRefund(tx, refundId))!;
  }

  private async conclude(tx: Transaction, refund: Refund, { state, providerRefundId, ...outcome }: RefundOutcome) {
    const { id, organizationId } = refund;
    const failed = outcome.failure ?? 'The provider gives no reason';
    const failure = state === 'failed' ? failed.slice(0, LONGEST_FAILURE) : null;
    await markRefund(tx, id, { state, providerRefundId, settledAt: this.clock.now(), failure });
    if (failure !== null) {
      await this.takeBack(tx, refund, failure);
      tx.publish({ type: 'billing.refund_failed', key: id, payload: { refundId: id, organizationId } });
    }
    await this.record(tx, refund, { state, failure });
  }

  /** It is owed as before. One that never came into the books leaves nothing there. */
  private async takeBack(tx: Transaction, { id }: Refund, reason: string): Promise<void> {
    const transaction = await this.ledger.findBySourceKey(tx, `refund:${id}`);
    if (transaction) await this.ledger.post(tx, reverse({ transaction, reversedAt: this.clock.now(), reason }));
  }

  private async record(
    tx: Transaction,
    { id, creditNoteId }: Refund,
    outcome: Pick<RefundOutcome, 'state' | 'failure'>,
  ): Promise<void> {
    await this.audit.record(tx, {
      action: `refund.${outcome.state}`,
      outcome: 'done',
      targetIds: [id, creditNoteId],
      requestId: newId('req'),
      inputSha256: sha256Hex(canonicalJson(outcome)),
    });
  }
}

const pendingAs = (providerRefundId: string | null) =>
  ({ state: 'pending', providerRefundId, settledAt: null, failure: null }) as const;

async function requireCreditNote(tx: Transaction, id: string): Promise<CreditNote> {
  const [note] = await findCreditNotes(tx, [id]);
  if (!note) throw BILLING_ERRORS.CREDIT_NOTE_NOT_FOUND({ id }, { path: ['creditNoteId'] });
  return note;
}

function exceeds(amountMinor: bigint, leftMinor: bigint) {
  const amounts = { amountMinor: amountMinor.toString(), leftMinor: leftMinor.toString() };
  return BILLING_ERRORS.REFUND_EXCEEDS(amounts, { path: ['amountMinor'] });
}
