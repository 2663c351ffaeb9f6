import { contractsInForce } from '#libs/contracts';
import type { Currency } from '#libs/kernel';
import { type EndedUsage, readEndedUsage } from '#libs/usage';
import type { Transaction } from '#platform/database';
import { eventsOf } from '../invoices/contract-history.js';
import type { UsageEvent } from '../invoicing/index.js';
import type { BillingExport } from './billing-export.js';
import { ContractRating, type RatedEvent } from './contract-rating.js';
import { type Cell, Decimal, decimalOf } from './csv.js';

/** A meter of one request or job, and what it costs. */
interface UsageRow {
  usage: EndedUsage;
  event: UsageEvent;
  /** Null for what no contract bills. */
  contract: { id: string; currency: Currency } | null;
  rated: RatedEvent | null;
}

/** As docs/guides/export-usage-and-journal.md tells of them. */
const COLUMNS: Record<string, (row: UsageRow) => Cell | undefined> = {
  event_id: ({ usage }) => usage.id,
  admitted_at: ({ usage }) => usage.admittedAt,
  final_at: ({ usage }) => usage.finalAt,
  project: ({ usage }) => usage.projectId,
  kind: ({ usage }) => usage.kind,
  source: ({ usage }) => usage.sourceId,
  api_key: ({ usage }) => usage.apiKeyId,
  model: ({ usage }) => usage.model,
  meter: ({ event }) => event.meter,
  units: ({ event }) => event.quantity,
  price_kind: ({ rated }) => rated?.rule.price.kind ?? null,
  unit_price: ({ rated }) => rated && unitPriceOf(rated)?.price,
  per_units: ({ rated }) => rated && unitPriceOf(rated)?.perUnits,
  discount_percent: ({ rated }) => rated && decimalOf(10_000n - rated.rule.keptBasisPoints, 100n),
  amount: ({ rated }) => rated && decimalOf(rated.nanos.s * rated.nanos.n, rated.nanos.d * NANOS),
  currency: ({ contract }) => contract?.currency ?? null,
  contract: ({ contract }) => contract?.id ?? null,
  contract_version: ({ rated }) => rated && BigInt(rated.rule.versionNumber),
  price_rule: ({ rated }) => rated?.rule.id ?? null,
  invoice: ({ rated }) => rated?.invoiceId ?? null,
  invoice_line: ({ rated }) => rated?.lineId ?? null,
};

const NANOS = 1_000_000_000n;

export const USAGE_COLUMNS = Object.keys(COLUMNS);

/** What a partner used in a range of time and was final on record when it was asked for, in the order of admission. */
export async function* usageCells(tx: Transaction, asked: BillingExport): AsyncGenerator<Cell[]> {
  const organizationId = asked.partnerId!;
  const { from, to, requestedAt: knownUntil } = asked;
  const inForce = await contractsInForce(tx, organizationId);
  const ratings: ContractRating[] = [];
  for (const contract of inForce) {
    ratings.push(await ContractRating.read(tx, contract, { inForce, range: { from, to }, knownUntil }));
  }
  for await (const usage of readEndedUsage(tx, { organizationId, from, to, finalUntil: knownUntil })) {
    const rating = ratings.find((one) => one.bills(usage.admittedAt)) ?? null;
    for (const event of rating?.eventsOf(usage) ?? eventsOf(usage, null)) {
      const row = { usage, event, contract: rating?.contract ?? null, rated: rating?.rate(event) ?? null };
      yield Object.values(COLUMNS).map((cellOf) => cellOf(row) ?? null);
    }
  }
}

/** What a unit costs before discounts; nothing that can be said in one number where it depends on how much is used. */
function unitPriceOf({ rule: { price } }: RatedEvent): { price: Decimal; perUnits: bigint } | null {
  if (price.kind === 'flat') return { price: decimalOf(price.priceNanos, NANOS), perUnits: price.perUnits };
  if (price.kind === 'package') return { price: decimalOf(price.priceNanos, NANOS), perUnits: price.packageUnits };
  return null;
}
