import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type NarrowTransaction } from '#platform/database';
import type { ProviderEvent } from './payment-provider.js';

/** An invoice that events tell of which were not processed yet. */
export interface ToldInvoice {
  providerInvoiceId: string;
  eventIds: string[];
  /** Null while no invoice of ours is known under it. */
  organizationId: string | null;
}

/** What the provider told, as it was received. It is stored before anything is made of it, once per event. */
@Injectable()
export class PaymentEvents {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Gives how many were new. What is about no invoice is kept and needs nothing. */
  store(events: readonly ProviderEvent[]): Promise<number> {
    const now = this.clock.now();
    const columns = [
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ createdAt }) => createdAt),
      events.map(({ providerInvoiceId }) => providerInvoiceId),
      events.map(({ payload }) => payload),
      events.map(({ refundableId }) => refundableId),
    ];
    return this.asReconciler(async (tx) => {
      const stored = await tx.query(
        `INSERT INTO payment_events (id, type, provider_created_at, provider_invoice_id, payload, received_at, processed_at, outcome)
         SELECT e.id, e.type, e.created, about.invoice, e.payload::json, $7,
                CASE WHEN about.invoice IS NULL THEN $7::timestamptz END, CASE WHEN about.invoice IS NULL THEN 'ignored' END
         FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
           AS e(id, type, created, invoice, payload, refundable)
         -- A payment that is not on record yet is looked at anew when it comes to be.
         CROSS JOIN LATERAL (SELECT coalesce(e.invoice, (
           SELECT i.provider_invoice_id FROM payment_receipts r JOIN payment_invoices i ON i.invoice_id = r.invoice_id
           WHERE r.provider_refundable_id = e.refundable LIMIT 1)) AS invoice) about
         WHERE NOT EXISTS (SELECT FROM payment_events known WHERE known.id = e.id)
         ORDER BY e.id -- Two that store the same events wait for each other in one order.
         ON CONFLICT (id) DO NOTHING RETURNING id`,
        [...columns, now],
      );
      return stored.length;
    });
  }

  /** The invoices that most is told of, each with all that is: one look at the provider answers many events. */
  open(limit: number): Promise<ToldInvoice[]> {
    return this.asReconciler((tx) =>
      tx.query<ToldInvoice & { organizationId: string }>(
        `SELECT e.provider_invoice_id AS "providerInvoiceId", array_agg(e.id) AS "eventIds", i.organization_id AS "organizationId"
         FROM payment_events e LEFT JOIN payment_invoices i ON i.provider_invoice_id = e.provider_invoice_id
         WHERE e.processed_at IS NULL GROUP BY e.provider_invoice_id, i.organization_id
         ORDER BY count(*) DESC, e.provider_invoice_id LIMIT $1`,
        [limit],
      ),
    );
  }

  async close({ eventIds }: ToldInvoice, outcome: 'applied' | 'ignored'): Promise<void> {
    await this.asReconciler((tx) =>
      tx.query(
        'UPDATE payment_events SET processed_at = $2, outcome = $3 WHERE id = ANY ($1) AND processed_at IS NULL',
        [eventIds, this.clock.now(), outcome],
      ),
    );
  }

  private asReconciler<T>(work: (tx: NarrowTransaction) => Promise<T>): Promise<T> {
    return this.database.as('reconciler', work);
  }
}
