import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type IssuedInvoice, isFinal } from './invoice.js';
import { type DetailedLine, linesOf } from './invoice-postings.js';
import { type LineUsage, readLineUsage } from './line-usage.js';
import { type Partnership, PartnershipFixture, termsOf } from './partnership.fixture.js';

let fixture: PartnershipFixture;
let partner: Partnership;
let issued: IssuedInvoice[];

beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  const terms = termsOf({ minimumMinor: '100', taxBasisPoints: 1_900 });
  partner = await fixture.agree('2024-04-01T00:00:00.000Z', { terms });
  for (let day = 11; day < 31; day += 1) {
    const at = `2024-01-${day}T08:00:00.000Z`;
    await fixture.use(partner, { at, input: day, projectId: day % 3 === 0 ? 'proj_other' : partner.projectId });
    await fixture.use(partner, { at, training: 2 * day });
  }
  await fixture.at('2024-01-31T00:00:00.000Z');
  // From here on the same is priced by another version.
  await fixture.amend(partner, { terms, summary: 'The same again.' });
  await fixture.use(partner, { at: '2024-01-31T08:00:00.000Z', input: 1_000 });
  // One comes in the days of grace, one after them, one is of the next month.
  await fixture.use(partner, { at: '2024-01-29T08:00:00.000Z', finalAt: '2024-02-02T00:00:00.000Z', input: 70 });
  await fixture.use(partner, { at: '2024-01-29T09:00:00.000Z', finalAt: '2024-02-20T00:00:00.000Z', input: 500 });
  await fixture.use(partner, { at: '2024-02-03T08:00:00.000Z', input: 9_000 });
  await fixture.at('2024-03-10T00:00:00.000Z');
  issued = (await fixture.issued(partner)).filter(isFinal);
});
afterAll(() => fixture?.stop());

const linesIn = ({ id, document }: IssuedInvoice): DetailedLine[] => linesOf(id, JSON.parse(document!));
const sum = (usage: readonly LineUsage[]) => usage.reduce((total, { quantity }) => total + quantity, 0n);

/** All of it, some at a time, as clients page. */
async function usageOf(invoiceId: string, lineId: string, scope = partner.scope, first = 3): Promise<LineUsage[]> {
  const all: LineUsage[] = [];
  for (;;) {
    const query = { invoiceId, lineId, first, after: all.at(-1) ?? null };
    const page = await fixture.database.read(scope, (tx) => readLineUsage(tx, query));
    all.push(...page);
    if (page.length < first) return all;
  }
}

it('sums to the quantity of every line of usage, and no usage is behind two lines', async () => {
  const [first, second] = issued;
  const behind: LineUsage[] = [];
  for (const invoice of [first!, second!]) {
    const lines = linesIn(invoice).filter(({ part }) => part === 'usage');
    for (const { id, quantity } of lines) {
      const usage = await usageOf(invoice.id, id);
      expect(sum(usage)).toBe(quantity);
      behind.push(...usage);
    }
  }
  // Two projects and, of the own one, two versions; training; and in February one line.
  expect(linesIn(first!).filter(({ part }) => part === 'usage')).toHaveLength(4);
  expect(behind).toHaveLength(43);
  expect(new Set(behind.map(({ id }) => id)).size).toBe(43);
});

it('is, of an adjustment, what came late; other lines have none', async () => {
  const second = issued[1]!;
  const adjustment = linesIn(second).find(({ part }) => part === 'adjustment')!;
  const late = await usageOf(second.id, adjustment.id, fixture.lab.scope);
  expect(late.map(({ quantity, admittedAt }) => [quantity, admittedAt.toISOString()])).toEqual([
    [500n, '2024-01-29T09:00:00.000Z'],
  ]);
  const tax = linesIn(second).find(({ part }) => part === 'tax')!;
  expect(await usageOf(second.id, tax.id)).toEqual([]);
});

it('is told to the two sides of the contract alone, and only of what is final', async () => {
  const [{ id }] = issued as [IssuedInvoice];
  const stranger = await fixture.agree('2024-06-01T00:00:00.000Z');
  await expect(usageOf(id, `${id}.1`, stranger.scope)).rejects.toMatchObject({ code: 'INVOICE_NOT_FOUND' });
  await expect(usageOf(id, `${id}.99`)).rejects.toMatchObject({ code: 'INVOICE_LINE_NOT_FOUND' });
  const draft = (await fixture.issued(partner)).at(-1)!;
  await expect(usageOf(draft.id, `${draft.id}.1`)).rejects.toMatchObject({ code: 'INVOICE_NOT_FINALIZED' });
});
