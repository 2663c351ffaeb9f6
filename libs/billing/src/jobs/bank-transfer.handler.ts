import { Injectable } from '@nestjs/common';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { BankTransferService } from '../bank-transfers/bank-transfer.service.js';
import { billingScope } from '../billing-scope.js';

@Injectable()
export class BankTransferHandler {
  constructor(
    private readonly database: Database,
    private readonly transfers: BankTransferService,
  ) {}

  @HandlesMessage('billing.bank_transfer_recorded')
  async recorded({ payload }: Message<'billing.bank_transfer_recorded'>): Promise<void> {
    const { organizationId, bankTransferId } = payload;
    await this.database.transaction(billingScope(organizationId), (tx) => this.transfers.post(tx, bankTransferId));
  }
}
