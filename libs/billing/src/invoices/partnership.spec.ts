import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson, sha256Hex } from '#libs/kernel';
import { hashOf, type Invoice } from '../invoicing/index.js';
import { daysAfter } from './due-date.js';
import { PartnershipFixture, RULES, termsOf } from './partnership.fixture.js';

const START = '2024-01-10T12:00:00.000Z';
let fixture: PartnershipFixture;
beforeAll(async () => {
  fixture = await PartnershipFixture.start(START);
});
afterAll(() => fixture?.stop());

const restart = () => fixture.clock.set(new Date(START));
const charged = (invoice: Invoice) =>
  invoice.usage.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n) +
  invoice.adjustments.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);

it('moves a partnership through eight months: usage, late usage, credits, a commitment, an amendment, payments', async () => {
  restart();
  const commitment = {
    id: 'spring',
    kind: 'prepaid',
    amountMinor: '5000',
    from: '2024-03-01T00:00:00.000Z',
    to: '2024-06-01T00:00:00.000Z',
    overageBasisPoints: 11_000,
  };
  const terms = termsOf({ commitments: [commitment], taxBasisPoints: 1_900, minimumMinor: '100' });
  const partner = await fixture.agree('2024-08-16T00:00:00.000Z', { terms });
  await fixture.grant(partner, { amountMinor: 300n });
  await fixture.grant(partner, { amountMinor: 50n, recurrence: 'monthly', rolloverMinor: 20n, priority: 1 });
  const uses: string[] = [];
  for (const month of ['01', '02', '03', '04', '05', '06', '07']) {
    uses.push(await fixture.use(partner, { at: `2024-${month}-20T08:00:00.000Z`, input: 900 }));
    uses.push(await fixture.use(partner, { at: `2024-${month}-21T08:00:00.000Z`, training: 700 }));
  }
  // One comes in the days of grace, one after them.
  const [inGrace, late] = ['2024-03-03T00:00:00.000Z', '2024-04-20T00:00:00.000Z'];
  uses.push(await fixture.use(partner, { at: '2024-02-28T23:59:59.999Z', finalAt: inGrace, input: 11 }));
  uses.push(await fixture.use(partner, { at: '2024-02-28T12:00:00.000Z', finalAt: late, input: 13 }));
  for (const month of ['02', '03', '04', '05', '06', '07', '08']) {
    await fixture.at(`2024-${month}-01T00:00:00.000Z`);
    // The end of grace is the last instant that the invoice takes.
    fixture.clock.set(new Date(`2024-${month}-04T00:00:00.000Z`));
    const preview = await fixture.preview(partner);
    await fixture.at(`2024-${month}-04T00:00:00.001Z`);
    const invoice = (await fixture.issued(partner)).findLast(({ document }) => document !== null)!;
    expect(canonicalJson(preview!.invoice)).toBe(invoice.document);
    expect(sha256Hex(invoice.document!)).toBe(invoice.documentSha256);
    if (month === '03') await fixture.amend(partner, { terms: { ...terms, paymentDays: 10 }, summary: 'Paid sooner.' });
  }
  await fixture.at('2024-08-19T00:00:00.001Z');

  const issued = await fixture.issued(partner);
  // What was bought in March pays for April; credits pay for the half of August.
  const states = issued.map(({ period, state }) => (state === 'paid' ? -period : period));
  expect(states).toEqual([1, 2, 3, -4, 5, 6, 7, -8]);
  // The amendment of March holds for the invoice of March: that of the period's version.
  expect(issued.map(({ paymentDays }) => paymentDays)).toEqual([30, 30, 10, 10, 10, 10, 10, 10]);
  expect(issued[2]!.dueAt).toEqual(daysAfter(issued[2]!.finalizedAt!, 10));
  const { events, result } = await fixture.rebuilt(partner);
  expect(result.invoices.map(hashOf)).toEqual(issued.map(({ documentSha256 }) => documentSha256));
  expect(events).toHaveLength(uses.length);
  const forecast = (await fixture.forecast(partner))!.forecast.periods;
  expect(forecast.map(({ expectedDueMinor }) => expectedDueMinor)).toEqual(issued.map(({ dueMinor }) => dueMinor));
  expect(result.invoices.flatMap(({ adjustments }) => adjustments)).toMatchObject([{ period: 2, amountMinor: '13' }]);
  expect(result.invoices.map(charged).reduce((sum, minor) => sum + minor, 0n)).toBe(7n * 2_300n + 24n);
  for (const { id, dueMinor } of issued.filter(({ state }) => state === 'finalized')) {
    await fixture.asSystem(partner, (tx) =>
      fixture.invoices.recordPayment(tx, {
        invoiceId: id,
        paymentKey: `pay ${id}`,
        amountMinor: dueMinor!,
        at: fixture.clock.now(),
      }),
    );
  }
  expect(new Set((await fixture.issued(partner)).map(({ state }) => state))).toEqual(new Set(['paid']));
  const [books] = await fixture.asLab((tx) => fixture.reports.trialBalanceOf(tx, partner));
  expect(books!.debitsMinor).toBe(books!.creditsMinor);
  const balance = (account: string) => books!.balances.find((one) => one.account === account)?.balanceMinor ?? 0n;
  expect([balance('accounts_receivable'), balance('deferred_revenue'), balance('customer_credit_balance')]).toEqual([
    0n,
    0n,
    0n,
  ]);
  expect(balance('cash_clearing')).toBe(issued.reduce((sum, { dueMinor }) => sum + dueMinor!, 0n));
});

describe('once and for all', () => {
  it('numbers invoices without gaps and issues each once, with two workers at work', async () => {
    restart();
    const partners = [await fixture.agree('2024-04-01T00:00:00.000Z'), await fixture.agree('2024-04-01T00:00:00.000Z')];
    for (const partner of partners) await fixture.use(partner, { at: '2024-02-01T00:00:00.000Z', input: 5 });
    fixture.clock.set(new Date('2024-05-01T00:00:00.000Z'));
    await Promise.all([fixture.run.run(), fixture.worker().run(), fixture.worker().run()]);
    await fixture.run.run();
    for (const partner of partners)
      expect((await fixture.issued(partner)).map(({ period }) => period)).toEqual([1, 2, 3]);
    const numbers = await fixture.asLab((tx) =>
      tx.query<{ number: number }>('SELECT number FROM invoices WHERE number IS NOT NULL ORDER BY 1'),
    );
    expect(numbers.map(({ number }) => number)).toEqual(numbers.map((_, position) => position + 1));
    const [total] = await fixture.asLab((tx) => fixture.reports.trialBalanceOf(tx, partners[0]!));
    expect(total!.debitsMinor).toBe(5n);
  });

  it('keeps what is final as it is, whoever writes', async () => {
    restart();
    const partner = await fixture.agree('2024-02-01T00:00:00.000Z');
    await fixture.use(partner, { at: '2024-01-20T00:00:00.000Z', input: 5 });
    await fixture.at('2024-02-10T00:00:00.000Z');
    const [invoice] = await fixture.issued(partner);
    const change = (set: string) =>
      fixture.asSystem(partner, (tx) => tx.query(`UPDATE invoices SET ${set} WHERE id = $1`, [invoice!.id]));
    await expect(change('due_minor = 6')).rejects.toThrow(/what it says is fixed/);
    await expect(change(`state = 'open'`)).rejects.toThrow(/can not become open/);
    const byPartner = fixture.database.transaction(partner.scope, (tx) =>
      tx.query(`UPDATE invoices SET state = 'paid', open_minor = 0 WHERE id = $1 RETURNING id`, [invoice!.id]),
    );
    expect(await byPartner).toEqual([]);
  });
});

describe('payments', () => {
  const finalInvoice = async () => {
    restart();
    const partner = await fixture.agree('2024-02-01T00:00:00.000Z');
    await fixture.use(partner, { at: '2024-01-20T00:00:00.000Z', input: 100 });
    await fixture.at('2024-02-10T00:00:00.000Z');
    const { id } = (await fixture.issued(partner))[0]!;
    const at = fixture.clock.now();
    const pay = (paymentKey: string, amountMinor: bigint) =>
      fixture.asSystem(partner, (tx) =>
        fixture.invoices.recordPayment(tx, { invoiceId: id, paymentKey: `${id} ${paymentKey}`, amountMinor, at }),
      );
    const reverse = (paymentKey: string) => {
      const reversal = { invoiceId: id, paymentKey: `${id} ${paymentKey}`, at, reason: 'It bounced' };
      return fixture.asSystem(partner, (tx) => fixture.invoices.recordPaymentReversal(tx, reversal));
    };
    const standing = async () => {
      const { state, openMinor } = (await fixture.issued(partner))[0]!;
      return [state, openMinor];
    };
    const balance = (account: 'unapplied_payments' | 'bad_debt_expense' | 'accounts_receivable') =>
      fixture.asSystem(partner, (tx) => fixture.reports.balance(tx, { account, currency: 'USD' }));
    const closed = async () => {
      const payload = { invoiceId: id, organizationId: partner.organizationId };
      await fixture.run.closed({ payload } as never);
    };
    return { id, pay, reverse, standing, balance, closed };
  };

  it('come in part, once per key, and beyond what is due', async () => {
    const { pay, reverse, standing, balance } = await finalInvoice();
    await pay('one', 40n);
    await pay('one', 40n);
    expect(await standing()).toEqual(['finalized', 60n]);
    await expect(pay('one', 41n)).rejects.toMatchObject({ code: 'PAYMENT_RECORDED_OTHERWISE' });
    await pay('two', 70n);
    expect([await standing(), await balance('unapplied_payments')]).toEqual([['paid', 0n], 10n]);
    await reverse('one');
    await reverse('one');
    expect(await standing()).toEqual(['finalized', 40n]);
    await expect(reverse('three')).rejects.toMatchObject({ code: 'PAYMENT_NOT_FOUND' });
  });

  it('come after the invoice was given up, and make it due again', async () => {
    const { id, pay, standing, balance, closed } = await finalInvoice();
    await fixture.asLab((tx) => fixture.invoices.markUncollectible(tx, { invoiceId: id, reason: 'Insolvent' }));
    await closed();
    await closed();
    expect([await standing(), await balance('bad_debt_expense')]).toEqual([['uncollectible', 0n], 100n]);
    await pay('one', 30n);
    expect([await standing(), await balance('bad_debt_expense')]).toEqual([['finalized', 70n], 0n]);
  });

  it('of a void invoice are unapplied; one that was paid in part is not voided', async () => {
    const { id, pay, standing, balance, closed } = await finalInvoice();
    await fixture.asLab((tx) => fixture.invoices.void(tx, { invoiceId: id, reason: 'A mistake' }));
    await pay('one', 30n);
    await closed();
    expect([await standing(), await balance('unapplied_payments')]).toEqual([['void', 0n], 30n]);
    expect(await balance('accounts_receivable')).toBe(0n);
    const touched = await finalInvoice();
    await touched.pay('one', 1n);
    const refused = fixture.asLab((tx) => fixture.invoices.void(tx, { invoiceId: touched.id, reason: 'A mistake' }));
    await expect(refused).rejects.toMatchObject({ code: 'INVOICE_TOUCHED' });
  });
});

describe('bank transfers', () => {
  it('are entered by the lab, once per reference, and pay in the books', async () => {
    restart();
    const partner = await fixture.agree('2024-02-01T00:00:00.000Z');
    await fixture.use(partner, { at: '2024-01-20T00:00:00.000Z', input: 100 });
    await fixture.at('2024-02-05T00:00:00.000Z');
    const { id: invoiceId } = (await fixture.issued(partner))[0]!;
    const transfer = { invoiceId, reference: 'RF18 5390 0754', amountMinor: 60n, receivedAt: fixture.clock.now() };
    const record = (part: object = {}) => fixture.asLab((tx) => fixture.transfers.record(tx, { ...transfer, ...part }));
    await record();
    await record();
    await record({ reference: 'RF19', amountMinor: 40n });
    const found = await fixture.database.read(partner.scope, (tx) => fixture.transfers.of(tx, [invoiceId]));
    expect(found.map(({ amountMinor, postedAt }) => [amountMinor, postedAt])).toEqual([
      [60n, null],
      [40n, null],
    ]);
    for (const { id } of [...found, ...found]) await fixture.asSystem(partner, (tx) => fixture.transfers.post(tx, id));
    expect((await fixture.issued(partner))[0]).toMatchObject({ state: 'paid', openMinor: 0n });

    await expect(record({ amountMinor: 61n })).rejects.toMatchObject({ code: 'BANK_TRANSFER_DIFFERS' });
    await expect(record({ amountMinor: 0n })).rejects.toMatchObject({ code: 'BANK_TRANSFER_EMPTY' });
    const tomorrow = new Date('2024-02-06T00:00:00.000Z');
    await expect(record({ receivedAt: tomorrow })).rejects.toMatchObject({ code: 'BANK_TRANSFER_IN_FUTURE' });
    // Nor can a partner say that it paid, whatever it may do otherwise.
    const byPartner = fixture.database.transaction(partner.scope, (tx) =>
      fixture.transfers.record(tx, { ...transfer, reference: 'own' }),
    );
    await expect(byPartner).rejects.toThrow('row-level security');
  });
});

describe('what others billed wrong', () => {
  it('time zones: usage at the turn of a month is billed once', async () => {
    restart();
    const partner = await fixture.agree('2024-04-01T00:00:00.000Z');
    for (const at of ['2024-01-31T23:59:59.999Z', '2024-02-01T00:00:00.000Z', '2024-02-01T05:30:00.000+05:30'])
      await fixture.use(partner, { at, input: 10 });
    await fixture.at('2024-03-10T00:00:00.000Z');
    expect((await fixture.documents(partner)).map(charged)).toEqual([10n, 20n]);
  });

  it('events that are accepted and never aggregated: each is of one line, or listed', async () => {
    restart();
    const partner = await fixture.agree('2024-03-01T00:00:00.000Z', {
      terms: termsOf({ prices: [RULES[0]] }),
    });
    const unpriced = await fixture.use(partner, { at: '2024-01-15T00:00:00.000Z', training: 5 });
    await fixture.use(partner, { at: '2024-01-15T00:00:00.000Z', input: 1 });
    await fixture.use(partner, { at: '2024-02-15T00:00:00.000Z', finalAt: '2024-06-20T00:00:00.000Z', input: 2 });
    await fixture.use(partner, { at: '2024-03-01T00:00:00.000Z', input: 4 });
    await fixture.at('2024-12-01T00:00:00.000Z');
    const { result } = await fixture.rebuilt(partner);
    // After the term there are invoices of those months alone in which something is charged.
    expect((await fixture.issued(partner)).map(({ period }) => period)).toEqual([1, 2, 6]);
    expect((await fixture.documents(partner)).map(charged)).toEqual([1n, 0n, 2n]);
    expect([result.unpriced, result.outsideTerm]).toEqual([[`${unpriced}.training_tokens`], []]);
  });

  it('two contracts at once: usage is of the one that began first', async () => {
    restart();
    const partner = await fixture.agree('2024-02-16T00:00:00.000Z');
    fixture.clock.set(new Date('2024-02-01T00:00:00.000Z'));
    const second = { ...partner, contractId: await fixture.agreeAgain(partner, '2024-03-01T00:00:00.000Z') };
    await fixture.use(partner, { at: '2024-02-10T00:00:00.000Z', input: 3 });
    await fixture.use(partner, { at: '2024-02-20T00:00:00.000Z', input: 7 });
    await fixture.at('2024-03-10T00:00:00.000Z');
    expect((await fixture.documents(partner)).map(charged)).toEqual([0n, 3n]);
    expect((await fixture.documents(second)).map(charged)).toEqual([7n]);
  });

  it('a grant counted twice, recurrences too many, a voided grant still spent', async () => {
    restart();
    const partner = await fixture.agree('2024-05-01T00:00:00.000Z');
    for (const month of ['01', '02', '03', '04'])
      await fixture.use(partner, { at: `2024-${month}-20T00:00:00.000Z`, input: 100 });
    const once = await fixture.grant(partner, { amountMinor: 130n });
    const monthly = await fixture.grant(partner, { amountMinor: 10n, recurrence: 'monthly', priority: 1 });
    await fixture.at('2024-03-02T00:00:00.000Z');
    const voided = await fixture.grant(partner, { amountMinor: 40n, priority: 2 });
    await fixture.asLab((tx) => fixture.credits.void(tx, { creditGrantId: voided, reason: 'A mistake' }));
    const again = fixture.asLab((tx) => fixture.credits.void(tx, { creditGrantId: voided, reason: 'Once more' }));
    await expect(again).rejects.toMatchObject({ code: 'CREDIT_GRANT_VOIDED' });
    await fixture.at('2024-06-01T00:00:00.000Z');
    const paid = (await fixture.documents(partner)).map(({ credits }: Invoice) =>
      Object.fromEntries(credits.map(({ grantId, paidMinor }) => [grantId, paidMinor])),
    );
    expect(paid).toEqual([
      { [once]: '100', [monthly]: '0' },
      { [once]: '30', [monthly]: '10' },
      { [once]: '0', [monthly]: '10' },
      { [once]: '0', [monthly]: '10' },
    ]);
    const past = fixture.grant(partner, { effectiveAt: new Date('2024-04-01T00:00:00.000Z') });
    await expect(past).rejects.toMatchObject({ code: 'CREDIT_GRANT_INVALID' });
  });

  it('an endless loop of items: a run over a term of a millisecond and over years that are overdue ends', async () => {
    restart();
    const short = await fixture.agree('2024-01-10T12:00:00.001Z', { graceDays: 0 });
    const long = await fixture.agree('2025-01-10T12:00:00.000Z');
    await fixture.at('2025-02-01T00:00:00.000Z');
    expect((await fixture.issued(short)).map(({ state }) => state)).toEqual(['paid']);
    const issued = await fixture.issued(long);
    expect([issued.length, new Set(issued.map(({ state }) => state))]).toEqual([13, new Set(['paid'])]);
    await fixture.run.run();
    expect(await fixture.issued(long)).toEqual(issued);
  });
});
