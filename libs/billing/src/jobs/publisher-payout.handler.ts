import { Injectable } from '@nestjs/common';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import { PublisherPayoutService } from '../publisher-payouts/publisher-payout.service.js';

@Injectable()
export class PublisherPayoutHandler {
  constructor(
    private readonly database: Database,
    private readonly payouts: PublisherPayoutService,
  ) {}

  @HandlesMessage('billing.publisher_payout_recorded')
  async recorded({ payload }: Message<'billing.publisher_payout_recorded'>): Promise<void> {
    const { organizationId, publisherPayoutId } = payload;
    await this.database.transaction(billingScope(organizationId), (tx) => this.payouts.post(tx, publisherPayoutId));
  }
}
