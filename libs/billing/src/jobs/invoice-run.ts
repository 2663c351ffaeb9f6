import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import { Every, HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import { InvoiceService } from '../invoices/invoice.service.js';
import { InvoiceIssuingService } from '../invoices/invoice-issuing.service.js';

interface DueContract {
  contractId: string;
  organizationId: string;
}

/** Issues what is due, of all contracts, and brings the books to what the lab decides about invoices. */
@Injectable()
export class InvoiceRun {
  private readonly logger = new Logger(InvoiceRun.name);

  constructor(
    private readonly database: Database,
    private readonly issuing: InvoiceIssuingService,
    private readonly invoices: InvoiceService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('1m', 'billing.invoice-run')
  async run(signal?: AbortSignal): Promise<void> {
    for (const due of await this.dueContracts()) {
      if (signal?.aborted) return;
      // One contract that can't be invoiced must not keep the others from it.
      await this.issuing.advance(due).catch((error) => this.logger.error(error, `contract ${due.contractId}`));
    }
  }

  @HandlesMessage('billing.invoice_closed')
  async closed({ payload }: Message<'billing.invoice_closed'>): Promise<void> {
    const { organizationId, invoiceId } = payload;
    await this.database.transaction(billingScope(organizationId), (tx) => this.invoices.postClosing(tx, invoiceId));
  }

  @HandlesMessage('billing.credit_note_issued')
  async credited({ payload }: Message<'billing.credit_note_issued'>): Promise<void> {
    const { organizationId, invoiceId } = payload;
    await this.database.transaction(billingScope(organizationId), (tx) => this.invoices.postCreditNotes(tx, invoiceId));
  }

  /** Those that began and have no invoice, whose draft has ended, whose grace is over; and after the term where usage came late. */
  private dueContracts(): Promise<DueContract[]> {
    return this.database.as('reconciler', (tx) =>
      tx.query<DueContract>(
        `SELECT c.id AS "contractId", c.organization_id AS "organizationId" FROM contracts c
         LEFT JOIN LATERAL (
           SELECT count(*) AS invoices, max(i.finalizes_at) AS known_until,
                  bool_or(i.state = 'draft') AS has_draft,
                  bool_or(i.state = 'draft' AND i.to_at <= $1 OR i.state = 'open' AND i.finalizes_at < $1) AS is_due
           FROM invoices i WHERE i.contract_id = c.id) issued ON true
         WHERE c.state = 'in_force' AND c.starts_at <= $1 AND (
           issued.invoices = 0 OR issued.is_due OR NOT issued.has_draft AND (
             c.ends_at > $1 OR EXISTS (
               SELECT FROM usage_events e WHERE e.organization_id = c.organization_id AND e.final_at > issued.known_until
                 AND e.admitted_at >= c.starts_at AND e.admitted_at < c.ends_at)))
         ORDER BY c.id`,
        [this.clock.now()],
      ),
    );
  }
}
