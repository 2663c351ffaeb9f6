import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY_MILLISECONDS, Fraction, roundToNanos, sha256Hex } from '#libs/kernel';
import { systemScope } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { type TestOrganization, testStore } from '#test/harness';
import { flatRule } from '../../../contracts/src/contract/terms.fixture.js';
import { BillingExportFields } from '../graphql/billing-export.resolver.js';
import { isFinal } from '../invoices/invoice.js';
import { linesOf } from '../invoices/invoice-postings.js';
import { type Partnership, PartnershipFixture, RULES, termsOf } from '../invoices/partnership.fixture.js';
import { BillingExportHandler } from '../jobs/billing-export.handler.js';
import { findBillingExports } from './billing-export.repository.js';
import { type AskedExport, BillingExportService } from './billing-export.service.js';
import { decimalOf } from './csv.js';
import { ExportMaker, MOST_ATTEMPTS } from './export-maker.js';

const YEAR = { from: new Date('2024-01-01T00:00:00.000Z'), to: new Date('2025-01-01T00:00:00.000Z') };
/** The first hundred tokens cost more; prices end in no whole cent. */
const GRADUATED = flatRule('input', '0', {
  price: {
    kind: 'graduated',
    tiers: [
      { upTo: '100', priceNanos: '10000000', perUnits: '1', feeNanos: '0' },
      { upTo: null, priceNanos: '10000000', perUnits: '3', feeNanos: '0' },
    ],
  },
});
const COMMITMENT = {
  id: 'spring',
  kind: 'prepaid',
  amountMinor: '2000',
  from: '2024-02-01T00:00:00.000Z',
  to: '2024-04-01T00:00:00.000Z',
  overageBasisPoints: 10_000,
};

let fixture: PartnershipFixture;
let store: ObjectStore;
let partner: Partnership;
let other: Partnership;
let service: BillingExportService;
let maker: ExportMaker;

beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  store = new ObjectStore(testStore());
  service = new BillingExportService(fixture.clock);
  maker = new ExportMaker(fixture.database, store, fixture.clock);
  const discounts = [{ id: 'early', meters: ['training_tokens'], basisPoints: 1_250 }];
  const terms = termsOf({ prices: [GRADUATED, RULES[1]], discounts, commitments: [COMMITMENT], taxBasisPoints: 1_900 });
  partner = await fixture.agree('2024-04-01T00:00:00.000Z', { terms });
  other = await fixture.agree('2024-04-01T00:00:00.000Z');
  for (const month of ['01', '02', '03']) {
    for (let day = 11; day < 21; day += 1) {
      const projectId = day % 3 === 0 ? 'proj_other' : partner.projectId;
      await fixture.use(partner, { at: `2024-${month}-${day}T08:00:00.000Z`, input: 7 * day, projectId });
      await fixture.use(partner, { at: `2024-${month}-${day}T09:00:00.000Z`, training: day });
    }
    await fixture.use(other, { at: `2024-${month}-12T08:00:00.000Z`, input: 5 });
  }
  // Known to the third invoice; and one that nobody should run by opening a file.
  await fixture.use(partner, { at: '2024-01-12T10:00:00.000Z', finalAt: '2024-03-20T00:00:00.000Z', input: 50 });
  await fixture.use(partner, { at: '2024-03-31T23:00:00.000Z', input: 1, model: '=HYPERLINK("http://x")' });
  await fixture.at('2024-04-10T00:00:00.000Z');
});
afterAll(async () => {
  for (const { organizationId } of [partner, other, fixture.lab]) await store.deleteAll(`org/${organizationId}/`);
  store.close();
  await fixture.stop();
});

type Asker = Pick<TestOrganization, 'scope'>;

const ask = ({ scope }: Asker, asked: Partial<AskedExport> & Pick<AskedExport, 'kind'>): Promise<string> =>
  fixture.database.transaction(scope, (tx) => service.request(tx, { ...YEAR, ...asked }));
const seen = async ({ scope }: Asker, id: string) =>
  (await fixture.database.read(scope, (tx) => findBillingExports(tx, [id])))[0] ?? null;
const workerOf = ({ scope }: Asker) => systemScope('worker', scope.organizationId, scope.kind);
const fileOf = async (asker: Asker, id: string) =>
  new BillingExportFields(store, fixture.clock).file((await seen(asker, id))!);

type Line = Record<string, string>;

/** As whoever holds the link gets it. No cell of these has a comma or the end of a line in it. */
async function exported(asker: Asker, asked: Partial<AskedExport> & Pick<AskedExport, 'kind'>): Promise<Line[]> {
  const id = await ask(asker, asked);
  const handler = new BillingExportHandler(maker);
  await handler.requested({ payload: { exportId: id }, attempt: 1 } as never, workerOf(asker));
  const ready = (await seen(asker, id))!;
  const file = Buffer.from(await (await fetch((await fileOf(asker, id))!.url)).arrayBuffer());
  expect([ready.state, ready.bytes, ready.sha256]).toEqual(['ready', BigInt(file.byteLength), sha256Hex(file)]);
  const [heading, ...rows] = file
    .toString()
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  expect(ready.rows).toBe(BigInt(rows.length));
  return rows.map((row) => Object.fromEntries(heading!.map((name, place) => [name, row[place]!])));
}

const total = (lines: readonly Line[], column: string) =>
  lines.reduce((sum, line) => sum.add(new Fraction(line[column] || '0')), new Fraction(0));

describe('a file of usage', () => {
  test('comes to what the invoices charge: by line to the unit, in money to less than a cent, by rule to the cent', async () => {
    const lines = await exported(partner, { kind: 'usage' });
    expect(lines).toHaveLength(62);
    const invoices = (await fixture.issued(partner)).filter(isFinal);
    let compared = 0;
    for (const { id, document } of invoices) {
      const charged = linesOf(id, JSON.parse(document)).filter(({ part }) => part === 'usage');
      for (const line of charged) {
        const behind = lines.filter((one) => one.invoice_line === line.id);
        expect(total(behind, 'units').toFraction()).toBe(String(line.quantity));
        const difference = total(behind, 'amount').mul(100).sub(new Fraction(line.amountMinor)).abs();
        expect(difference.compare(1)).toBeLessThan(0);
        compared += 1;
      }
      for (const [ruleId, ofRule] of Map.groupBy(charged, (line) => line.ruleId)) {
        const behind = lines.filter((one) => ofRule.some((line) => line.id === one.invoice_line));
        const chargedMinor = ofRule.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
        expect([ruleId, roundToNanos(total(behind, 'amount').mul(100))]).toEqual([ruleId, chargedMinor]);
      }
    }
    expect(compared).toBe(9);
    const [late] = lines.filter(({ admitted_at }) => admitted_at === '2024-01-12T10:00:00.000Z');
    const adjusted = linesOf(invoices[2]!.id, JSON.parse(invoices[2]!.document)).filter(
      ({ part }) => part === 'adjustment',
    );
    const adjustedMinor = adjusted.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    expect([late!.invoice, adjusted.map(({ id }) => id)]).toEqual([
      invoices[2]!.id,
      expect.arrayContaining([late!.invoice_line]),
    ]);
    expect(new Fraction(late!.amount!).mul(100).sub(new Fraction(adjustedMinor)).abs().compare(1)).toBeLessThan(0);
  });

  test('tells of each how it was rated, the same whatever range is asked for, to either side', async () => {
    const march = { from: new Date('2024-03-11T00:00:00.000Z'), to: new Date('2024-03-12T00:00:00.000Z') };
    const lines = await exported(fixture.lab, { kind: 'usage', ...march, organizationId: partner.organizationId });
    const all = await exported(partner, { kind: 'usage' });
    expect(lines).toEqual(all.filter(({ admitted_at }) => admitted_at!.startsWith('2024-03-11')));
    expect(lines[1]).toMatchObject({
      kind: 'training',
      meter: 'training_tokens',
      units: '11',
      price_kind: 'flat',
      unit_price: '0.02',
      per_units: '1',
      discount_percent: '12.5',
      amount: '0.1925',
      currency: 'USD',
      contract: partner.contractId,
      contract_version: '1',
    });
    expect([lines[0]!.price_kind, lines[0]!.unit_price]).toEqual(['graduated', '']);
    expect(all.at(-1)!.model).toBe(`"'=HYPERLINK(""http://x"")"`);
  });
});

/** Of a currency with cents. */
const minor = (amountMinor: bigint) => decimalOf(amountMinor, 100n).text;

describe('a file of the journal', () => {
  test('sums to zero, shows what was prepaid until it is earned, and comes to the balances of the books', async () => {
    const lines = await exported(partner, { kind: 'journal' });
    for (const [, entries] of Map.groupBy(lines, (line) => `${line.transaction_id} ${line.currency}`)) {
      expect(total(entries, 'debit').toFraction()).toBe(total(entries, 'credit').toFraction());
    }
    const net = (some: readonly Line[]) => total(some, 'credit').sub(total(some, 'debit')).toFraction();
    const deferred = lines.filter(({ revenue }) => revenue === 'deferred');
    // Bought in February less what February used of it, drawn down in March, and the rest forfeited at its end.
    expect(deferred.map(({ kind }) => kind)).toEqual(['finalize_invoice', 'finalize_invoice', 'expire_prepaid']);
    const documents = await fixture.documents(partner);
    const drawn = documents.map(({ commitments }) => BigInt(commitments[0]?.drawdownMinor ?? 0));
    expect([deferred[0]!.credit, deferred[1]!.debit]).toEqual([minor(2_000n - drawn[1]!), minor(drawn[2]!)]);
    expect([deferred[2]!.debit, net(deferred)]).toEqual([minor(2_000n - drawn[1]! - drawn[2]!), '0']);
    expect(deferred.every(({ contract }) => contract === partner.contractId)).toBe(true);
    const recognized = lines.filter(({ revenue }) => revenue === 'recognized');
    expect(recognized.map(({ account }) => account)).toContain('breakage_revenue');
    const balances = await fixture.asLab((tx) => fixture.reports.balances(tx, partner));
    for (const { account, debitsMinor, creditsMinor } of balances) {
      const ofAccount = lines.filter((line) => line.account === account);
      expect([account, total(ofAccount, 'debit').mul(100).n]).toEqual([account, debitsMinor]);
      expect([account, total(ofAccount, 'credit').mul(100).n]).toEqual([account, creditsMinor]);
    }
  });

  test("is a partner's own, and for the lab everybody's", async () => {
    const own = await exported(other, { kind: 'journal' });
    const all = await exported(fixture.lab, { kind: 'journal' });
    expect(new Set(own.map(({ organization }) => organization))).toEqual(new Set([other.organizationId]));
    expect(all.filter(({ organization }) => organization === other.organizationId)).toEqual(own);
    expect(all.some(({ organization }) => organization === partner.organizationId)).toBe(true);
    const april = { from: new Date('2024-04-03T00:00:00.000Z'), to: YEAR.to };
    expect((await exported(other, { kind: 'journal', ...april })).length).toBeLessThan(own.length);
  });
});

describe('an export', () => {
  test('is refused of ranges and partners that are none, and while too many are made', async () => {
    const refused = (asker: Asker, asked: Partial<AskedExport>) =>
      expect(ask(asker, { kind: 'usage', ...asked })).rejects;
    await refused(partner, { to: YEAR.from }).toMatchObject({ code: 'EXPORT_RANGE_INVALID', path: ['to'] });
    await refused(partner, { to: new Date('2026-01-01T00:00:00.000Z') }).toMatchObject({
      code: 'EXPORT_RANGE_INVALID',
    });
    for (const organizationId of [other.organizationId, 'org_of_nobody']) {
      await refused(partner, { organizationId }).toMatchObject({ code: 'EXPORT_PARTNER_NOT_FOUND' });
    }
    await refused(fixture.lab, {}).toMatchObject({ code: 'EXPORT_PARTNER_MISSING' });
    const ids = [];
    for (let count = 0; count < 5; count += 1) ids.push(await ask(other, { kind: 'usage' }));
    await refused(other, {}).toMatchObject({ code: 'EXPORTS_UNFINISHED' });
    await maker.make(workerOf(other), ids[0]!);
    await ask(other, { kind: 'usage' });
  });

  test('is nobody else’s, and nobody says by hand what became of it', async () => {
    const id = await ask(partner, { kind: 'usage' });
    expect(await seen(partner, id)).toMatchObject({ state: 'queued', rows: 0n, endedAt: null });
    expect([await seen(other, id), await seen(fixture.lab, id), await fileOf(partner, id)]).toEqual([null, null, null]);
    await maker.make(workerOf(other), id);
    await fixture.database.transaction(partner.scope, (tx) =>
      tx.query(`UPDATE billing_exports SET row_count = 7 WHERE id = $1 AND organization_id = :organization`, [id]),
    );
    expect(await seen(partner, id)).toMatchObject({ state: 'queued', rows: 0n });
    await maker.make(workerOf(partner), id);
    expect(await seen(partner, id)).toMatchObject({ state: 'ready', rows: 62n });
  });

  test('fails with a reason: at once where trying again is no use, else after the last attempt', async () => {
    const large = await ask(partner, { kind: 'usage' });
    await maker.make(workerOf(partner), large, { limitBytes: 1_000 });
    expect(await seen(partner, large)).toMatchObject({ state: 'failed', failure: 'too_large', bytes: null });
    const id = await ask(partner, { kind: 'usage' });
    const unreachable = new ObjectStore({ ...testStore(), endpoint: 'http://127.0.0.1:1' });
    const unlucky = new ExportMaker(fixture.database, unreachable, fixture.clock);
    for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt += 1) {
      await expect(unlucky.make(workerOf(partner), id, { attempt })).rejects.toThrow();
      expect(await seen(partner, id)).toMatchObject({ state: 'running', rows: 62n });
    }
    await unlucky.make(workerOf(partner), id, { attempt: MOST_ATTEMPTS });
    const failed = await seen(partner, id);
    expect(failed).toMatchObject({ state: 'failed', failure: 'interrupted' });
    const { message } = new BillingExportFields(store, fixture.clock).failure(failed!)!;
    expect(message).toContain('new idempotency key');
    // It ended: a message that comes again changes nothing.
    await maker.make(workerOf(partner), id);
    expect(await seen(partner, id)).toEqual(failed);
    unreachable.close();
    const died = await ask(partner, { kind: 'usage' });
    await maker.make(workerOf(partner), died, { attempt: MOST_ATTEMPTS + 1 });
    expect(await seen(partner, died)).toMatchObject({ state: 'failed', failure: 'interrupted' });
  });

  test('is deleted when it has been kept for a week', async () => {
    const id = await ask(partner, { kind: 'journal' });
    await maker.make(workerOf(partner), id);
    const { url } = (await fileOf(partner, id))!;
    const { expiresAt } = (await seen(partner, id))!;
    fixture.clock.set(new Date(expiresAt!.getTime() - 1));
    await maker.expire();
    expect((await fetch(url)).status).toBe(200);
    fixture.clock.set(expiresAt!);
    expect(await fileOf(partner, id)).toBeNull();
    await maker.expire();
    expect((await fetch(url)).status).toBe(404);
    expect(await seen(partner, id)).toMatchObject({ state: 'expired', expiresAt });
    expect(expiresAt!.getTime() - (await seen(partner, id))!.endedAt!.getTime()).toBe(7 * DAY_MILLISECONDS);
  });
});
