import { smaller } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { AccountName } from './chart.js';
import type { LedgerService } from './ledger.service.js';
import type { LedgerReports } from './ledger-reports.js';
import { METER_KINDS } from './meters.js';
import type { LedgerTransaction, Posting } from './posting.js';
import {
  accruePublisherShare,
  accrueUsage,
  applyPayment,
  creditNote,
  expirePrepaid,
  finalizeInvoice,
  type InvoiceLine,
  payPublisher,
  receivePayment,
  refund,
  reverse,
  voidInvoice,
  writeOff,
} from './rules/index.js';
import { linesOf, statedOf } from './rules/postings.fixture.js';

export const ACTIONS = [
  'accrue',
  'invoice',
  'pay',
  'apply',
  'refund',
  'credit',
  'writeOff',
  'void',
  'expire',
  'share',
  'payPublisher',
  'bounce',
  'repeat',
] as const;
export interface Step {
  action: (typeof ACTIONS)[number];
  /** What the step makes its amounts and its choices of. */
  size: number;
}

/** What an invoice came to, told apart from the books. */
interface ModelInvoice {
  invoiceId: string;
  dueMinor: bigint;
  paidMinor: bigint;
  creditedMinor: bigint;
  writtenOffMinor: bigint;
  /** What the invoice changed elsewhere, which its voiding takes back. */
  change: Partial<Record<AccountName, bigint>>;
  finalization: LedgerTransaction;
  voided: boolean;
}

/** How billing would keep its own accounts of a partner, in plain sums: the ledger has to agree with it after any steps. */
export class LedgerModel {
  private readonly invoices: ModelInvoice[] = [];
  private readonly payments: Array<{ transaction: LedgerTransaction; invoice: ModelInvoice; paidMinor: bigint }> = [];
  private readonly posted: Posting[] = [];
  private readonly sums = new Map<AccountName, bigint>();
  private count = 0;

  constructor(
    private readonly ledger: LedgerService,
    private readonly reports: LedgerReports,
    private readonly now: Date,
  ) {}

  async take(tx: Transaction, { action, size }: Step): Promise<void> {
    this.count += 1;
    await this[action](tx, BigInt(size));
  }

  /** On the normal sides of the accounts that the model knows. */
  expected(): Map<AccountName, bigint> {
    const standing = this.invoices.filter(({ voided }) => !voided);
    const receivable = standing.reduce((sum, invoice) => sum + openOf(invoice), 0n);
    return new Map([...this.sums, ['accounts_receivable', receivable]]);
  }

  async openOfInvoices(tx: Transaction): Promise<Array<[ledger: bigint, model: bigint]>> {
    const open = this.invoices.map(async (invoice) => {
      const inLedger = await this.reports.openReceivable(tx, invoice);
      return [inLedger, invoice.voided ? 0n : openOf(invoice)] as [bigint, bigint];
    });
    return Promise.all(open);
  }

  private async accrue(tx: Transaction, size: bigint): Promise<void> {
    const from = new Date(this.now.getTime() - this.count * 60_000);
    const window = { id: this.id('window'), contractPeriod: 'ctr_1/1', from, to: new Date(from.getTime() + 60_000) };
    const kind = METER_KINDS[Number(size) % METER_KINDS.length]!;
    await this.post(tx, accrueUsage({ window, currency: 'USD', amounts: [{ kind, amountMinor: size - 100n }] }));
    this.add('all_unbilled', size - 100n);
  }

  /** It has what was accrued, with a difference; and every other part, by its size. */
  private async invoice(tx: Transaction, size: bigint): Promise<void> {
    const accruedMinor = await this.reports.accruedUsage(tx, { currency: 'USD', until: this.now });
    const carriedMinor = this.sums.get('customer_credit_balance') ?? 0n;
    const drawdownMinor = smaller(size, this.sums.get('deferred_revenue') ?? 0n);
    const lines = linesOf([
      ['usage', size * 2n, 'output_tokens'],
      ['adjustment', -(size % 7n) * 100n, 'training_tokens'],
      ['minimum', size % 5n],
      ['credit', size % 11n],
      ['purchase', size % 3n === 0n ? size : 0n],
      ['drawdown', drawdownMinor],
      ['overage', size % 4n],
      ['true_up', size % 6n],
      ['carried_in', -carriedMinor],
    ]);
    if (statedOf(lines).dueMinor > 0n) lines.push({ id: 'line-tax', part: 'tax', amountMinor: size % 9n });
    await this.finalize(tx, { lines, accruedMinor, carriedMinor });
  }

  private async finalize(
    tx: Transaction,
    given: { lines: InvoiceLine[]; accruedMinor: Record<string, bigint>; carriedMinor: bigint },
  ): Promise<void> {
    const { lines, accruedMinor, carriedMinor } = given;
    const invoiceId = this.id('invoice');
    const stated = statedOf(lines);
    const head = { invoiceId, currency: 'USD', finalizedAt: this.now } as const;
    const finalization = await this.post(tx, finalizeInvoice({ ...head, lines, accruedMinor, ...stated }));
    const of = (part: string) => lines.reduce((sum, line) => (line.part === part ? sum + line.amountMinor : sum), 0n);
    const change = {
      deferred_revenue: of('purchase') - of('drawdown'),
      customer_credit_balance: -stated.carriedOutMinor - carriedMinor,
      promotional_credits: of('credit'),
      overage_revenue: of('overage'),
      shortfall_revenue: of('minimum') + of('true_up'),
      tax_payable: of('tax'),
      all_unbilled: -Object.values(accruedMinor).reduce((sum, amount) => sum + amount, 0n),
    } as Partial<Record<AccountName, bigint>>;
    for (const [account, amount] of Object.entries(change)) this.add(account, amount);
    const none = { paidMinor: 0n, creditedMinor: 0n, writtenOffMinor: 0n, voided: false };
    this.invoices.push({ invoiceId, dueMinor: stated.dueMinor, ...none, change, finalization });
  }

  private async pay(tx: Transaction, size: bigint): Promise<void> {
    const invoice = this.someInvoice(size);
    if (!invoice) return;
    const [openMinor, amountMinor] = [openOf(invoice), size + 1n];
    const payment = { ...this.of(invoice), paymentId: this.id('payment'), receivedAt: this.now, amountMinor };
    const transaction = await this.post(tx, receivePayment(payment));
    const paidMinor = smaller(amountMinor, openMinor);
    invoice.paidMinor += paidMinor;
    this.add('cash_clearing', amountMinor);
    this.add('unapplied_payments', amountMinor - paidMinor);
    // What is beyond the invoice may be applied elsewhere, so that only plain payments bounce here.
    if (paidMinor === amountMinor) this.payments.push({ transaction, invoice, paidMinor });
  }

  private async apply(tx: Transaction, size: bigint): Promise<void> {
    const invoice = this.someInvoice(size);
    const unappliedMinor = this.sums.get('unapplied_payments') ?? 0n;
    const amountMinor = invoice ? smaller(openOf(invoice), unappliedMinor) : 0n;
    if (!invoice || amountMinor === 0n) return;
    const application = { applicationId: this.id('application'), appliedAt: this.now, amountMinor, unappliedMinor };
    await this.post(tx, applyPayment({ ...this.of(invoice), ...application }));
    invoice.paidMinor += amountMinor;
    this.add('unapplied_payments', -amountMinor);
  }

  private async refund(tx: Transaction, size: bigint): Promise<void> {
    const unappliedMinor = this.sums.get('unapplied_payments') ?? 0n;
    const [amountMinor, refundId] = [size + 1n, this.id('refund')];
    const given = { refundId, currency: 'USD', refundedAt: this.now, invoiceId: null, reason: 'asked for' } as const;
    await this.post(tx, refund({ ...given, amountMinor, unappliedMinor }));
    const heldMinor = smaller(amountMinor, unappliedMinor);
    this.add('cash_clearing', -amountMinor);
    this.add('unapplied_payments', -heldMinor);
    this.add('refunds', amountMinor - heldMinor);
  }

  private async credit(tx: Transaction, size: bigint): Promise<void> {
    const invoice = this.someInvoice(size);
    if (!invoice) return;
    const amountMinor = size + 1n;
    const lines = [{ id: 'line-0', part: 'usage', meter: 'output_tokens', amountMinor }] as const;
    const note = { creditNoteId: this.id('note'), issuedAt: this.now, lines, reason: 'an outage' };
    const lessenedMinor = smaller(amountMinor, openOf(invoice));
    await this.post(tx, creditNote({ ...this.of(invoice), ...note }));
    invoice.creditedMinor += lessenedMinor;
    this.add('unapplied_payments', amountMinor - lessenedMinor);
  }

  private async writeOff(tx: Transaction, size: bigint): Promise<void> {
    const invoice = this.someInvoice(size);
    const amountMinor = invoice ? smaller(size, openOf(invoice)) : 0n;
    if (!invoice || amountMinor === 0n) return;
    const given = { writeOffId: this.id('writeOff'), writtenOffAt: this.now, amountMinor, reason: 'insolvent' };
    await this.post(tx, writeOff({ ...this.of(invoice), ...given }));
    invoice.writtenOffMinor += amountMinor;
    this.add('bad_debt_expense', amountMinor);
  }

  /** The last one, so that nothing was made of what it carried out or sold. */
  private async void(tx: Transaction): Promise<void> {
    const invoice = this.invoices.at(-1);
    const openMinor = invoice ? openOf(invoice) : 0n;
    if (!invoice || invoice.voided || openMinor !== invoice.dueMinor || invoice.creditedMinor > 0n) return;
    const { invoiceId, finalization } = invoice;
    await this.post(tx, voidInvoice({ invoiceId, voidedAt: this.now, reason: 'wrong', finalization, openMinor }));
    invoice.voided = true;
    for (const [account, amount] of Object.entries(invoice.change)) this.add(account, -amount);
  }

  private async expire(tx: Transaction, size: bigint): Promise<void> {
    // Not what the last invoice sold: it may be voided.
    const sold = this.invoices.at(-1)?.change.deferred_revenue ?? 0n;
    const deferred = (this.sums.get('deferred_revenue') ?? 0n) - (sold > 0n ? sold : 0n);
    const forfeitedMinor = smaller(size, deferred);
    if (forfeitedMinor <= 0n) return;
    const commitmentId = this.id('commitment');
    await this.post(tx, expirePrepaid({ commitmentId, currency: 'USD', expiredAt: this.now, forfeitedMinor }));
    this.add('deferred_revenue', -forfeitedMinor);
    this.add('breakage_revenue', forfeitedMinor);
  }

  private async share(tx: Transaction, size: bigint): Promise<void> {
    const shareMinor = size + 1n;
    const span = { from: this.now, to: this.now, accruedAt: this.now };
    const of = { listingId: 'listing', invoiceId: this.id('invoice'), revision: 1, currency: 'USD' } as const;
    await this.post(tx, accruePublisherShare({ ...of, ...span, shareMinor }));
    this.add('publisher_payable', shareMinor);
    this.add('publisher_share_expense', shareMinor);
  }

  private async payPublisher(tx: Transaction, size: bigint): Promise<void> {
    const payableMinor = this.sums.get('publisher_payable') ?? 0n;
    const amountMinor = smaller(size, payableMinor);
    if (amountMinor === 0n) return;
    const payout = { payoutId: this.id('payout'), currency: 'USD', paidAt: this.now } as const;
    await this.post(tx, payPublisher({ ...payout, amountMinor, payableMinor }));
    this.add('publisher_payable', -amountMinor);
    this.add('cash_clearing', -amountMinor);
  }

  private async bounce(tx: Transaction): Promise<void> {
    const payment = this.payments.pop();
    if (!payment) return;
    const { transaction, invoice, paidMinor } = payment;
    await this.post(tx, reverse({ transaction, reversedAt: this.now, reason: 'bounced' }));
    invoice.paidMinor -= paidMinor;
    this.add('cash_clearing', -paidMinor);
  }

  private async repeat(tx: Transaction, size: bigint): Promise<void> {
    const posting = this.posted[Number(size) % Math.max(1, this.posted.length)];
    if (posting) await this.ledger.post(tx, posting);
  }

  private async post(tx: Transaction, posting: Posting): Promise<LedgerTransaction> {
    this.posted.push(posting);
    return this.ledger.post(tx, posting);
  }

  private someInvoice(size: bigint): ModelInvoice | undefined {
    const standing = this.invoices.filter(({ voided }) => !voided);
    return standing[Number(size) % Math.max(1, standing.length)];
  }

  private of(invoice: ModelInvoice) {
    return { invoiceId: invoice.invoiceId, currency: 'USD', openMinor: openOf(invoice) } as const;
  }

  private add(account: string, amount: bigint): void {
    this.sums.set(account as AccountName, (this.sums.get(account as AccountName) ?? 0n) + amount);
  }

  private id(what: string): string {
    return `${what}-${this.count}`;
  }
}

/** The invariant that the receivable is held to. */
function openOf({ dueMinor, paidMinor, creditedMinor, writtenOffMinor }: ModelInvoice): bigint {
  return dueMinor - paidMinor - creditedMinor - writtenOffMinor;
}
