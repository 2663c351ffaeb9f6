import { Inject, Injectable } from '@nestjs/common';
import { type Contract, lockContract } from '#libs/contracts';
import { CLOCK, type Clock, DAY_MILLISECONDS, dayOf } from '#libs/kernel';
import {
  accrualKey,
  accrueUsage,
  kindOfMeter,
  LedgerReports,
  LedgerService,
  METER_KINDS,
  type MeterKind,
} from '#libs/ledger';
import { firstFinalAfter, type UsageSpan } from '#libs/usage';
import { Database, type Transaction } from '#platform/database';
import { billingScope } from '../billing-scope.js';
import { accumulate, type UsageRead } from '../invoices/contract-history.js';
import { overlap } from '../invoices/contract-spans.js';
import { type IssuedInvoice, isFinal } from '../invoices/invoice.js';
import { invoicesOfContract } from '../invoices/invoice.repository.js';
import { invoicesOf } from '../invoicing/index.js';

/**
 * Posts what usage is worth when it happens: one transaction for each contract and day, however many events. A day's is what all that
 * the period used by its end comes to, by the rule of invoices, less what was posted of the period before; so tiers and late usage are
 * right in the sum, and the invoice has only the rest to post.
 */
@Injectable()
export class UsageAccrualService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    private readonly reports: LedgerReports,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The last day that has ended, of each period of a contract whose invoice is not final. Again it is the same. */
  async accrue({ contractId, organizationId }: { contractId: string; organizationId: string }): Promise<void> {
    await this.database.transaction(billingScope(organizationId), async (tx) => {
      // Not while its invoice becomes final.
      const contract = await lockContract(tx, contractId);
      if (!contract) return;
      for (const invoice of await invoicesOfContract(tx, contractId))
        if (!isFinal(invoice)) await this.accruePeriod(tx, contract, invoice);
    });
  }

  private async accruePeriod(tx: Transaction, contract: Contract, { period, from, to, currency }: IssuedInvoice) {
    const now = this.clock.now();
    const within = overlap({ from, to }, { from, to: dayOf(now) });
    const until = within.to;
    if (until <= from) return;
    const contractPeriod = `${contract.id}/${period}`;
    const id = `${contractPeriod}/${until.toISOString()}`;
    await this.ledger.hold(tx);
    if (await this.ledger.findBySourceKey(tx, accrualKey(id))) return;
    const accrued = await this.reports.accruedOf(tx, { contractPeriod, currency });
    if (!(await isUsedSince(tx, { ...within, organizationId: contract.organizationId }, accrued.lastRecordedAt)))
      return;
    const worth = await worthOf(tx, contract, { periods: period, finalUntil: now, within });
    const amounts = METER_KINDS.map((kind) => ({ kind, amountMinor: worth[kind] - accrued.amounts[kind] }));
    if (amounts.every(({ amountMinor }) => amountMinor === 0n)) return;
    const lastDay = overlap(within, { from: new Date(until.getTime() - DAY_MILLISECONDS), to: until });
    const window = { id, contractPeriod, ...lastDay };
    await this.ledger.post(tx, accrueUsage({ window, currency, amounts }));
  }
}

/** What the last of these periods used comes to, by kind. */
async function worthOf(tx: Transaction, contract: Contract, read: UsageRead): Promise<Record<MeterKind, bigint>> {
  const { usage } = invoicesOf(await accumulate(tx, contract, read)).invoices.at(-1)!;
  const worth = Object.fromEntries(METER_KINDS.map((kind) => [kind, 0n])) as Record<MeterKind, bigint>;
  for (const { meter, amountMinor } of usage) worth[kindOfMeter(meter)] += BigInt(amountMinor);
  return worth;
}

/** Whether anything is on record that the last accrual did not know. */
async function isUsedSince(tx: Transaction, span: UsageSpan, known: Date | null) {
  return (await firstFinalAfter(tx, span, known ?? new Date(0))) !== null;
}
