import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Partnership, PartnershipFixture } from '../invoices/partnership.fixture.js';
import { receivablesAgeing } from './receivables-ageing.js';

let fixture: PartnershipFixture;
let partner: Partnership;

/** Invoices of 100, 200, ... cents, final on the fourth of February and of the months after it. */
beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  partner = await fixture.agree('2024-06-01T00:00:00.000Z');
  for (const [index, month] of ['01', '02', '03', '04', '05'].entries()) {
    await fixture.use(partner, { at: `2024-${month}-20T08:00:00.000Z`, input: 100 * (index + 1) });
    await fixture.at(`2024-0${index + 2}-04T00:00:00.001Z`);
  }
});
afterAll(() => fixture?.stop());

const ageing = (at: string, scope = fixture.lab.scope) =>
  fixture.database.read(scope, (tx) => receivablesAgeing(tx, new Date(at)));
const AGES = ['notDueMinor', 'days1To30Minor', 'days31To60Minor', 'days61To90Minor', 'over90DaysMinor'] as const;
const amounts = async (at: string) => {
  const [aged] = await ageing(at);
  return AGES.map((age) => Number(aged![age]));
};

it('tells what is open by how long it is overdue, to the instant', async () => {
  // 4 June: the invoices are 121, 92, 61, 31 and 0 days old, and payable for 30.
  expect(await amounts('2024-06-04T00:00:00.001Z')).toEqual([500, 400, 300, 200, 100]);
  // To the instant, those of February, April and May are overdue by 90, 30 and 0 days; after it by more.
  expect(await amounts('2024-06-03T00:00:00.001Z')).toEqual([900, 300, 0, 300, 0]);
  expect(await amounts('2024-06-03T00:00:00.002Z')).toEqual([500, 400, 300, 200, 100]);
});

it('is what the books hold as receivable, after payments too; a partner is told of itself alone', async () => {
  const [first] = await fixture.issued(partner);
  await fixture.asSystem(partner, (tx) => {
    const payment = { invoiceId: first!.id, paymentKey: 'in part', amountMinor: 40n, at: fixture.clock.now() };
    return fixture.invoices.recordPayment(tx, payment);
  });
  const at = '2024-06-04T00:00:00.001Z';
  const [aged, ...others] = await ageing(at, partner.scope);
  expect([aged!.over90DaysMinor, aged!.totalMinor, others]).toEqual([60n, 1_460n, []]);
  const account = { organizationId: partner.organizationId, account: 'accounts_receivable', currency: 'USD' } as const;
  expect(await fixture.asLab((tx) => fixture.reports.balance(tx, account))).toBe(1_460n);
  const stranger = await fixture.agree('2024-12-01T00:00:00.000Z');
  expect(await ageing(at, stranger.scope)).toEqual([]);
});
