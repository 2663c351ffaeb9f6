import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { Database } from '#platform/database';
import { billingScope } from '../billing-scope.js';
import { sentRefunds } from '../refunds/refund.repository.js';
import { type RefundOutcome, RefundService } from '../refunds/refund.service.js';
import { PAYMENT_PROVIDER, type PaymentProvider, type ProviderRefund, type RefundOrder } from './payment-provider.js';

/** Has the provider make refunds, and takes over what becomes of them. As with invoices, each step may be made again after any failure. */
@Injectable()
export class PaymentRefunds {
  constructor(
    private readonly database: Database,
    private readonly refunds: RefundService,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
  ) {}

  /** Into the books first, then to the provider. */
  async send(organizationId: string, refundId: string): Promise<void> {
    const scope = billingScope(organizationId);
    const begun = await this.database.transaction(scope, (tx) => this.refunds.begin(tx, refundId));
    if (!begun) return;
    const { refundableId, amountMinor } = begun;
    const outcome = await this.ask({ refundId, refundableId, amountMinor });
    await this.database.transaction(scope, (tx) => this.refunds.settle(tx, refundId, outcome));
  }

  /** What the provider says by now of the refunds of an invoice. */
  async refresh(organizationId: string, invoiceId: string): Promise<void> {
    const scope = billingScope(organizationId);
    const sent = await this.database.read(scope, (tx) => sentRefunds(tx, invoiceId));
    for (const [refundableId, ours] of Map.groupBy(sent, (refund) => refund.refundableId)) {
      const theirs = new Map((await this.provider.refunds(refundableId)).map((each) => [each.refundId, each]));
      for (const { id: refundId } of ours) {
        const seen = theirs.get(refundId);
        if (seen) await this.database.transaction(scope, (tx) => this.refunds.settle(tx, refundId, outcomeOf(seen)));
      }
    }
  }

  private async ask(order: RefundOrder): Promise<RefundOutcome> {
    try {
      return outcomeOf(await this.provider.refund(order));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'PAYMENT_REFUND_REFUSED') throw error;
      return { state: 'failed', providerRefundId: null, failure: error.message };
    }
  }
}

const outcomeOf = ({ id: providerRefundId, state, failure }: ProviderRefund): RefundOutcome => ({
  state,
  providerRefundId,
  failure,
});
