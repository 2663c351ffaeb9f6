import type { Database } from '#platform/database';
import type { RefundState } from '../refunds/refund.js';
import type { PaymentProvider, ProviderRefund } from './payment-provider.js';

/** A difference between our refunds and the provider's. Amounts are in minor units. */
export type RefundDrift =
  /** The provider took it, by what we have on record, and does not list it. */
  | (OurRefund & { kind: 'refund_missing_there' })
  /** Somebody made it at the provider, of a payment of ours. */
  | (Omit<OurRefund, 'refundId'> & { kind: 'refund_missing_here'; providerRefundId: string; theirsMinor: bigint })
  | (OurRefund & { kind: 'refund_amount_differs'; oursMinor: bigint; theirsMinor: bigint })
  | (OurRefund & { kind: 'refund_state_differs'; ours: RefundState; theirs: ProviderRefund['state'] });

interface OurRefund {
  refundId: string;
  invoiceId: string;
  providerInvoiceId: string;
  organizationId: string;
}

interface Ours extends OurRefund {
  providerRefundId: string | null;
  amountMinor: string;
  state: RefundState;
  requestedAt: Date;
}

/** Of what was asked for since then; `from` is a little earlier, so that both sides have what one of them has. */
export async function findRefundDrifts(
  database: Database,
  provider: PaymentProvider,
  { from, since }: { from: Date; since: Date },
): Promise<RefundDrift[]> {
  const theirs: ProviderRefund[] = [];
  for await (const refund of provider.refundsSince(from)) theirs.push(refund);
  const ours = await oursSince(database, from);
  const byId = new Map(ours.map((each) => [each.refundId, each]));
  const differing = theirs.flatMap((refund) => {
    const own = byId.get(refund.refundId ?? '');
    return own ? differences(own, refund) : [];
  });
  const listed = new Set(theirs.map(({ refundId }) => refundId));
  const missing = ours.filter(
    ({ refundId, providerRefundId, requestedAt }) => providerRefundId && !listed.has(refundId) && requestedAt >= since,
  );
  return [
    ...(await foreignOf(
      database,
      theirs.filter(({ refundId }) => !byId.has(refundId ?? '')),
    )),
    ...differing,
    ...missing.map((own) => ({ kind: 'refund_missing_there' as const, ...aboutOf(own) })),
  ];
}

function oursSince(database: Database, from: Date): Promise<Ours[]> {
  return database.as('reconciler', (tx) =>
    tx.query<Ours>(
      `SELECT r.id AS "refundId", r.invoice_id AS "invoiceId", i.provider_invoice_id AS "providerInvoiceId",
              r.organization_id AS "organizationId", r.provider_refund_id AS "providerRefundId", r.amount_minor AS "amountMinor",
              r.state, r.requested_at AS "requestedAt"
       FROM refunds r JOIN payment_invoices i ON i.invoice_id = r.invoice_id WHERE r.requested_at >= $1 ORDER BY r.id`,
      [from],
    ),
  );
}

/** Those that we did not ask for, of payments of ours: what else the account does is none of this. */
async function foreignOf(database: Database, refunds: readonly ProviderRefund[]): Promise<RefundDrift[]> {
  const refundable = refunds.flatMap(({ refundableId }) => refundableId ?? []);
  if (refundable.length === 0) return [];
  const rows = await database.as('reconciler', (tx) =>
    tx.query<Omit<OurRefund, 'refundId'> & { refundableId: string }>(
      `SELECT p.provider_refundable_id AS "refundableId", p.invoice_id AS "invoiceId", i.provider_invoice_id AS "providerInvoiceId",
              p.organization_id AS "organizationId"
       FROM payment_receipts p JOIN payment_invoices i ON i.invoice_id = p.invoice_id WHERE p.provider_refundable_id = ANY($1)`,
      [refundable],
    ),
  );
  const paid = new Map(rows.map(({ refundableId, ...about }) => [refundableId, about]));
  return refunds.flatMap(({ id, refundableId, amountMinor, state }) => {
    const about = paid.get(refundableId ?? '');
    if (!about || state === 'failed') return [];
    return [{ kind: 'refund_missing_here' as const, providerRefundId: id, ...about, theirsMinor: amountMinor }];
  });
}

function differences(own: Ours, { amountMinor: theirsMinor, state: theirs }: ProviderRefund): RefundDrift[] {
  const about = aboutOf(own);
  const oursMinor = BigInt(own.amountMinor);
  const drifts: RefundDrift[] = [];
  if (oursMinor !== theirsMinor) drifts.push({ kind: 'refund_amount_differs', ...about, oursMinor, theirsMinor });
  if (own.state !== theirs) drifts.push({ kind: 'refund_state_differs', ...about, ours: own.state, theirs });
  return drifts;
}

const aboutOf = ({ refundId, invoiceId, providerInvoiceId, organizationId }: Ours): OurRefund => ({
  refundId,
  invoiceId,
  providerInvoiceId,
  organizationId,
});
