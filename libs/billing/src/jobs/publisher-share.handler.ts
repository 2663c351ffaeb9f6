import { Injectable } from '@nestjs/common';
import type { Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { PublisherShareService } from '../publisher-shares/publisher-share.service.js';

/** Whatever changes what an invoice charges for a listing's use changes what its publisher earned. */
@Injectable()
export class PublisherShareHandler {
  constructor(private readonly shares: PublisherShareService) {}

  @HandlesMessage('billing.invoice_finalized')
  finalized({ payload }: Message<'billing.invoice_finalized'>, { organizationId }: Scope): Promise<void> {
    return this.shares.settle({ ...payload, organizationId });
  }

  @HandlesMessage('billing.credit_note_issued')
  credited({ payload }: Message<'billing.credit_note_issued'>): Promise<void> {
    return this.shares.settle(payload);
  }

  @HandlesMessage('billing.invoice_closed')
  closed({ payload }: Message<'billing.invoice_closed'>): Promise<void> {
    return this.shares.settle(payload);
  }
}
