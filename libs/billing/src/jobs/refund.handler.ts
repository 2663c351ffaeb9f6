import { Injectable } from '@nestjs/common';
import { MailOutbox } from '#libs/identity';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import { PaymentRefunds } from '../payments/payment-refunds.js';
import type { Refund } from '../refunds/refund.js';
import { findRefund } from '../refunds/refund.repository.js';
import { failedRefundMail } from '../refunds/refund-mail.js';
import { COLLECTION } from './invoice-collection.js';

@Injectable()
export class RefundHandler {
  constructor(
    private readonly database: Database,
    private readonly refunds: PaymentRefunds,
    private readonly mails: MailOutbox,
  ) {}

  @HandlesMessage('billing.refund_requested', COLLECTION)
  async requested({ payload }: Message<'billing.refund_requested'>): Promise<void> {
    await this.refunds.send(payload.organizationId, payload.refundId);
  }

  /** Tells who may refund at the lab; the partner sees it at the credit note. */
  @HandlesMessage('billing.refund_failed')
  async failed({ payload: { organizationId, refundId } }: Message<'billing.refund_failed'>): Promise<void> {
    const refund = await this.database.read(billingScope(organizationId), (tx) => findRefund(tx, refundId));
    if (!refund) throw new Error(`there is no refund ${refundId} of ${organizationId}`);
    await this.tell(refund);
  }

  private async tell(refund: Refund): Promise<void> {
    const mail = {
      key: `refund_failed:${refund.id}`,
      permission: 'credits:write',
      ...failedRefundMail(refund),
    } as const;
    await this.database.transaction(billingScope(refund.labOrganizationId), (tx) => this.mails.post(tx, mail));
  }
}
