import { Inject, Injectable } from '@nestjs/common';
import { type Contract, contractsInForce, lockContract } from '#libs/contracts';
import { CLOCK, type Clock, canonicalJson, DAY_MILLISECONDS, newId } from '#libs/kernel';
import { expirePrepaid, finalizeInvoice, LedgerReports, LedgerService } from '#libs/ledger';
import { firstFinalAfter, isFinalUntil } from '#libs/usage';
import { Database, type Scope, type Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import { billingScope } from '../billing-scope.js';
import {
  type Contract as Agreement,
  hashOf,
  type Invoice,
  invoicesOf,
  type Period,
  periodsOf,
} from '../invoicing/index.js';
import { accumulate, readAgreement, toAgreement } from './contract-history.js';
import { spansOf } from './contract-spans.js';
import { type IssuedInvoice, invoiceStates, isFinal } from './invoice.js';
import { insertInvoice, invoicesOfContract, markBalance, markFinalized, markOpen } from './invoice.repository.js';
import { forfeitedOf, linesOf } from './invoice-postings.js';

/** Of one contract in one run: years of invoices that are overdue, and an end to a loop that would have none. */
const MOST_STEPS = 500;

interface Held {
  contract: Contract;
  /** By period. */
  invoices: IssuedInvoice[];
}

/**
 * Issues the invoices of a contract as time goes by. Each step is a transaction that holds the contract and finds out anew what there
 * is to do, so that two workers take turns, and one that died left either all of a step or nothing.
 */
@Injectable()
export class InvoiceIssuingService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    private readonly reports: LedgerReports,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Does all that is due by now; gives how many steps that were. */
  async advance(given: { contractId: string; organizationId: string }): Promise<number> {
    const scope = billingScope(given.organizationId);
    let steps = 0;
    while (steps < MOST_STEPS && (await this.step(scope, given.contractId))) steps += 1;
    return steps;
  }

  private async step(scope: Scope, contractId: string): Promise<boolean> {
    const due = await this.database.read(scope, async (tx) => this.dueOf(await invoicesOfContract(tx, contractId)));
    if (due && !(await this.database.transaction(scope, (tx) => isFinalUntil(tx, due.finalizesAt)))) return false;
    return this.database.transaction(scope, async (tx) => {
      const contract = await lockContract(tx, contractId);
      if (contract?.state !== 'in_force' || contract.startsAt! > this.clock.now()) return false;
      const held = { contract, invoices: await invoicesOfContract(tx, contractId) };
      const finalizable = this.dueOf(held.invoices);
      // Only what was waited for: another one may have taken its place.
      if (finalizable?.id === due?.id && finalizable) return this.finalize(tx, held, finalizable);
      return (await this.open(tx, held)) || (await this.begin(tx, held));
    });
  }

  /** The earliest invoice that is not final, if its grace is over: one after another, since each depends on those before. */
  private dueOf(invoices: readonly IssuedInvoice[]): IssuedInvoice | null {
    const first = invoices.find((invoice) => !isFinal(invoice));
    return first?.state === 'open' && first.finalizesAt < this.clock.now() ? first : null;
  }

  private async open(tx: Transaction, { invoices }: Held): Promise<boolean> {
    const ended = invoices.find(({ state, to }) => state === 'draft' && to <= this.clock.now());
    if (!ended) return false;
    invoiceStates.assert(ended.state, 'open');
    await markOpen(tx, ended.id);
    return true;
  }

  /** The draft of the period that comes next; after the term only where something came late. */
  private async begin(tx: Transaction, held: Held): Promise<boolean> {
    const { contract, invoices } = held;
    if (invoices.at(-1)?.state === 'draft') return false;
    const agreement = toAgreement(await readAgreement(tx, contract, 1 + (invoices.at(-1)?.period ?? 0)));
    const next = periodsOf(agreement).at(-1)!;
    const period = next.isInTerm ? next : await lateUsagePeriod(tx, held, agreement);
    if (!period || period.from > this.clock.now().getTime()) return false;
    await insertInvoice(tx, draftOf(contract, period), this.clock.now());
    return true;
  }

  private async finalize(tx: Transaction, { contract, invoices }: Held, invoice: IssuedInvoice): Promise<true> {
    const { id, period, finalizesAt, currency } = invoice;
    invoiceStates.assert(invoice.state, 'finalized');
    const usage = await accumulate(tx, contract, { periods: period, finalUntil: finalizesAt });
    const made = invoicesOf(usage).invoices;
    assertNotDrifted(invoices, made);
    const last = made.at(-1)!;
    const dueMinor = BigInt(last.dueMinor);
    const document = canonicalJson(last);
    const { commitments, paymentDays } = usage.periods.at(-1)!.version.terms;
    const documentSha256 = hashOf(last);
    await markFinalized(tx, id, { at: this.clock.now(), paymentDays, document, documentSha256, dueMinor });
    if (dueMinor === 0n) await markBalance(tx, id, { state: 'paid', openMinor: 0n });
    await this.post(tx, invoice, last);
    for (const forfeited of forfeitedOf(made, commitments, { contractId: contract.id, currency })) {
      await this.ledger.post(tx, expirePrepaid(forfeited));
    }
    tx.publish({ type: 'billing.invoice_finalized', key: id, payload: { invoiceId: id } });
    return true;
  }

  private async post(tx: Transaction, { id, currency, to, finalizesAt }: IssuedInvoice, made: Invoice): Promise<void> {
    await this.ledger.hold(tx);
    const posting = finalizeInvoice({
      invoiceId: id,
      currency,
      finalizedAt: finalizesAt,
      lines: linesOf(id, made),
      accruedMinor: await this.reports.accruedUsage(tx, { currency, until: to }),
      dueMinor: BigInt(made.dueMinor),
      carriedOutMinor: BigInt(made.carriedOutMinor),
    });
    await this.ledger.post(tx, posting);
  }
}

/** The period after the term whose invoice is the first to know of usage that no invoice knows; null where there is none. */
async function lateUsagePeriod(
  tx: Transaction,
  { contract, invoices }: Held,
  agreement: Agreement,
): Promise<Period | null> {
  const { organizationId } = contract;
  const known = invoices.at(-1)!.finalizesAt;
  const spans = spansOf(contract, await contractsInForce(tx, organizationId));
  const late: number[] = [];
  for (const span of spans) {
    const finalAt = await firstFinalAfter(tx, { ...span, organizationId }, known);
    if (finalAt) late.push(finalAt.getTime());
  }
  return late.length > 0 ? firstPeriodKnowing(agreement, Math.min(...late)) : null;
}

function firstPeriodKnowing(agreement: Agreement, receivedAt: number): Period {
  // Months are at most 31 days: so many periods after the term reach beyond the time.
  const months = Math.ceil(Math.max(receivedAt - agreement.endsAt, 0) / (28 * DAY_MILLISECONDS)) + 2;
  const periods = periodsOf({ ...agreement, periods: agreement.periods + months });
  return periods.slice(agreement.periods - 1).find(({ finalizedAt }) => finalizedAt >= receivedAt)!;
}

function draftOf({ id, lab, currency }: Contract, { number, from, to, finalizedAt }: Period) {
  return {
    id: newId('inv'),
    labOrganizationId: lab.id,
    contractId: id,
    period: number,
    from: new Date(from),
    to: new Date(to),
    finalizesAt: new Date(finalizedAt),
    currency,
  };
}

/** What was invoiced comes out of the history again, to the byte: otherwise an adjustment would be made on something that is not so. */
function assertNotDrifted(issued: readonly IssuedInvoice[], made: readonly Invoice[]): void {
  for (const { id, period, documentSha256 } of issued) {
    if (documentSha256 !== null && documentSha256 !== hashOf(made[period - 1]!))
      throw BILLING_ERRORS.INVOICE_DRIFTED({ id, period });
  }
}
