import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import { Every, HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import { DunningService } from '../dunning/dunning.service.js';
import { dunnedIfDueBy } from '../dunning/schedule.js';
import { DUE_AT } from '../invoices/due-date.js';

/** Moves organizations through the dunning schedule: as time goes by, and as soon as what is open on an invoice changes. */
@Injectable()
export class DunningRun {
  private readonly logger = new Logger(DunningRun.name);

  constructor(
    private readonly database: Database,
    private readonly dunning: DunningService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('10m', 'billing.dunning')
  async run(signal?: AbortSignal): Promise<void> {
    for (const organizationId of await this.concerned()) {
      if (signal?.aborted) return;
      // One organization that can't be moved must not keep the others from it.
      await this.move(organizationId).catch((error) => this.logger.error(error, `organization ${organizationId}`));
    }
  }

  @HandlesMessage('billing.invoice_balance_changed')
  async balanceChanged({ payload }: Message<'billing.invoice_balance_changed'>): Promise<void> {
    await this.move(payload.organizationId);
  }

  /** Taken back or given up: nothing is due on it any more. */
  @HandlesMessage('billing.invoice_closed')
  async closed({ payload }: Message<'billing.invoice_closed'>): Promise<void> {
    await this.move(payload.organizationId);
  }

  private move(organizationId: string): Promise<void> {
    return this.database.transaction(billingScope(organizationId), (tx) => this.dunning.move(tx));
  }

  /** Those with something overdue, and those that are not back where they should be. */
  private async concerned(): Promise<string[]> {
    const rows = await this.database.as('reconciler', (tx) =>
      tx.query<{ id: string }>(
        `SELECT i.organization_id AS id FROM invoices i
         WHERE i.state = 'finalized' AND i.open_minor > 0 AND ${DUE_AT} <= $1
         UNION SELECT organization_id FROM service_states WHERE state <> 'current' ORDER BY id`,
        [dunnedIfDueBy(this.clock.now())],
      ),
    );
    return rows.map(({ id }) => id);
  }
}
