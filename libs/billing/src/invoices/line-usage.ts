import { contractsInForce, findContracts } from '#libs/contracts';
import type { Meter } from '#libs/kernel';
import { readEndedUsage, type UsagePosition } from '#libs/usage';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import { periodsOf, RuleIndex, type UsageEvent } from '../invoicing/index.js';
import { eventsOf, readAgreement, toAgreement } from './contract-history.js';
import { overlap, spansOf } from './contract-spans.js';
import { requireFinalInvoice } from './final-invoice.js';
import type { FinalInvoice } from './invoice.js';
import { invoicesOfContract } from './invoice.repository.js';
import { type DetailedLine, linesOf } from './invoice-postings.js';

/** Of which few may be of the line. */
const ROWS_AT_A_TIME = 500;

/** What a request or job adds to the quantity of a line. */
export interface LineUsage {
  /** That of the usage event. */
  id: string;
  admittedAt: Date;
  /** When its end came on record. */
  finalAt: Date;
  /** In units of the line's meter, above zero. */
  quantity: bigint;
}

export interface LineUsageQuery {
  invoiceId: string;
  lineId: string;
  after: UsagePosition | null;
  /** How many. */
  first: number;
}

/**
 * The usage behind a line, in the order of admission: found by the rules by which the invoice was made, in its contract's history. That of
 * a line of usage sums to its quantity; that of an adjustment is what came late. Other lines have none.
 */
export async function readLineUsage(tx: Transaction, query: LineUsageQuery): Promise<LineUsage[]> {
  const { invoice, line } = await requireLine(tx, query);
  if ((line.part !== 'usage' && line.part !== 'adjustment') || !line.meter) return [];
  const [contract] = await findContracts(tx, [invoice.contractId]);
  const agreement = toAgreement(await readAgreement(tx, contract!, invoice.period));
  const period = periodsOf(agreement)[(line.period ?? invoice.period) - 1]!;
  const rules = new RuleIndex(agreement);
  const isOfLine = lineFilter(rules, line, line.meter);
  const finalAfter = line.part === 'adjustment' ? await knownBefore(tx, invoice) : null;
  const found: LineUsage[] = [];
  for (const span of spansOf(contract!, await contractsInForce(tx, invoice.organizationId))) {
    const read = {
      ...overlap(span, { from: new Date(period.from), to: new Date(period.to) }),
      organizationId: invoice.organizationId,
      finalUntil: invoice.finalizesAt,
      projectId: line.projectId!,
      after: query.after,
      rowsAtATime: Math.max(query.first, ROWS_AT_A_TIME),
    };
    for await (const usage of readEndedUsage(tx, read)) {
      const { id, admittedAt, finalAt } = usage;
      if (finalAfter && finalAt <= finalAfter) continue;
      const event = [...eventsOf(usage, rules)].find(isOfLine);
      if (event) found.push({ id, admittedAt, finalAt, quantity: event.quantity });
      if (found.length === query.first) return found;
    }
  }
  return found;
}

async function requireLine(
  tx: Transaction,
  { invoiceId, lineId }: LineUsageQuery,
): Promise<{ invoice: FinalInvoice; line: DetailedLine }> {
  const invoice = await requireFinalInvoice(tx, invoiceId);
  const line = linesOf(invoiceId, JSON.parse(invoice.document)).find(({ id }) => id === lineId);
  if (!line) throw BILLING_ERRORS.INVOICE_LINE_NOT_FOUND({ id: invoiceId, lineId }, { path: ['lineId'] });
  return { invoice, line };
}

/** Whether it is priced by the line's rule. */
function lineFilter(rules: RuleIndex, { version, ruleId }: DetailedLine, meter: Meter) {
  return (event: UsageEvent): boolean => {
    if (event.meter !== meter) return false;
    const rule = rules.ruleFor(event);
    return rule?.id === ruleId && rule?.versionNumber === version;
  };
}

/** An invoice adjusts what the one before it did not know. */
async function knownBefore(tx: Transaction, { contractId, period }: FinalInvoice): Promise<Date> {
  const invoices = await invoicesOfContract(tx, contractId);
  return invoices.find((invoice) => invoice.period === period - 1)!.finalizesAt;
}
