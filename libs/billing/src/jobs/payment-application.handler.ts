import { Injectable } from '@nestjs/common';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import { PaymentApplicationService } from '../payment-applications/payment-application.service.js';

@Injectable()
export class PaymentApplicationHandler {
  constructor(
    private readonly database: Database,
    private readonly applications: PaymentApplicationService,
  ) {}

  @HandlesMessage('billing.payment_application_requested')
  async requested({ payload }: Message<'billing.payment_application_requested'>): Promise<void> {
    const { organizationId, paymentApplicationId: id } = payload;
    await this.database.transaction(billingScope(organizationId), (tx) => this.applications.post(tx, id));
  }
}
