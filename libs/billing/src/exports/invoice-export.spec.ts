import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { sha256Hex } from '#libs/kernel';
import { ObjectStore } from '#platform/storage';
import { testStore } from '#test/harness';
import { InvoiceExportFields } from '../graphql/invoice-export.resolver.js';
import { type Partnership, PartnershipFixture, termsOf } from '../invoices/partnership.fixture.js';
import { InvoiceExportHandler } from '../jobs/invoice-export.handler.js';
import { findExports } from './invoice-export.repository.js';
import { InvoiceExportService } from './invoice-export.service.js';
import { InvoiceExporter } from './invoice-exporter.js';
import { rebuildInvoice } from './rebuild-invoice.js';

const START = '2024-01-10T12:00:00.000Z';
const COMMAND = resolve('dist/infra/commands/invoice-rebuild.js');

let fixture: PartnershipFixture;
let store: ObjectStore;
let partner: Partnership;
let folder: string;
let exports: InvoiceExportService;

beforeAll(async () => {
  fixture = await PartnershipFixture.start(START);
  store = new ObjectStore(testStore());
  exports = new InvoiceExportService(fixture.clock);
  folder = await mkdtemp(join(tmpdir(), 'forkpoint-rebuild-'));
  partner = await fixture.agree('2024-05-01T00:00:00.000Z', {
    terms: termsOf({ taxBasisPoints: 1_900, minimumMinor: '100', paymentDays: 7 }),
  });
  await fixture.grant(partner, { amountMinor: 300n });
  for (const month of ['01', '02', '03']) {
    await fixture.use(partner, { at: `2024-${month}-20T08:00:00.000Z`, input: 900 });
    await fixture.use(partner, { at: `2024-${month}-21T08:00:00.000Z`, training: 700 });
  }
  // Known to the third invoice as an adjustment, and to no earlier one.
  await fixture.use(partner, { at: '2024-01-22T08:00:00.000Z', finalAt: '2024-03-20T00:00:00.000Z', input: 13 });
  await fixture.at('2024-04-10T00:00:00.000Z');
});
afterAll(async () => {
  await store.deleteAll(`org/${partner.organizationId}/`);
  store.close();
  await rm(folder, { recursive: true });
  await fixture.stop();
});

/** Gives how many messages it sends. */
function request({ scope }: Pick<Partnership, 'scope'>, invoiceId: string): Promise<number> {
  return fixture.database.transaction(scope, async (tx) => {
    const publish = jest.spyOn(tx, 'publish');
    await exports.request(tx, invoiceId);
    return publish.mock.calls.length;
  });
}

async function exported(period: number) {
  const { id: invoiceId } = (await fixture.issued(partner)).find((invoice) => invoice.period === period)!;
  const asked = () =>
    fixture.database.read(partner.scope, async (tx) => (await findExports(tx, [invoiceId]))[0] ?? null);
  const handler = new InvoiceExportHandler(new InvoiceExporter(fixture.database, store, fixture.clock));
  const handle = () => handler.requested({ payload: { invoiceId, organizationId: partner.organizationId } } as never);
  return { invoiceId, asked, handle };
}

/** As whoever holds the link fetches it. */
async function download(period: number): Promise<Buffer> {
  const { invoiceId, asked, handle } = await exported(period);
  await request(partner, invoiceId);
  await handle();
  const { url } = (await new InvoiceExportFields(store).file((await asked())!))!;
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

/** The command as a process that is told nothing by its environment. */
async function rebuild(...files: Uint8Array[]) {
  const paths = files.map((file) => join(folder, `${sha256Hex(file)}.jsonl.gz`));
  for (const [index, path] of paths.entries()) await writeFile(path, files[index]!);
  return new Promise<{ code: number; stdout: string; stderr: string }>((finish) => {
    execFile(process.execPath, [COMMAND, ...paths], { env: {} }, (error, stdout, stderr) =>
      finish({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const linesOf = (file: Uint8Array) => gunzipSync(file).toString().trimEnd().split('\n');
const zipped = (lines: readonly string[]) => gzipSync(lines.map((line) => `${line}\n`).join(''));

test('is made once it is asked for, and the command gives the invoice again', async () => {
  const { invoiceId, asked, handle } = await exported(3);
  expect(await asked()).toBeNull();
  expect(await request(partner, invoiceId)).toBe(1);
  expect(await asked()).toMatchObject({ invoiceId, readyAt: null, bytes: null, sha256: null });
  // Nothing came of it yet: it is begun anew.
  expect(await request(partner, invoiceId)).toBe(1);
  await handle();
  const ready = await asked();
  fixture.clock.set(new Date('2024-04-11T00:00:00.000Z'));
  await handle();
  expect(await asked()).toEqual(ready);
  expect(await request(fixture.lab, invoiceId)).toBe(0);

  const file = await download(3);
  expect([file.byteLength, sha256Hex(file)]).toEqual([ready!.bytes, ready!.sha256]);
  const invoice = (await fixture.issued(partner)).find(({ period }) => period === 3)!;
  const { code, stdout, stderr } = await rebuild(file);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n')).toEqual([
    `invoice ${invoice.number} (${invoiceId}), 2024-03-01T00:00:00.000Z to 2024-04-01T00:00:00.000Z, from 7 events`,
    'due 27.52 USD',
    `sha256 ${invoice.documentSha256}`,
    'rebuilt: the same',
    '',
  ]);
});

test('holds of the usage what the invoice knew', async () => {
  const files = [await download(1), await download(2)];
  const counts = files.map((file) => linesOf(file).filter((line) => line.startsWith('{"event"')).length);
  expect(counts).toEqual([2, 4]);
  expect((await rebuildInvoice(Readable.from(files[0]!))).differences).toEqual([]);
});

test('is refused of an invoice that is not final, and of one that is not there for the caller', async () => {
  const draft = (await fixture.issued(partner)).find(({ number }) => number === null)!;
  await expect(request(partner, draft.id)).rejects.toMatchObject({ code: 'INVOICE_NOT_FINALIZED' });
  const stranger = await fixture.agree('2024-06-01T00:00:00.000Z');
  await expect(request(stranger, draft.id)).rejects.toMatchObject({ code: 'INVOICE_NOT_FOUND' });
});

describe('what was changed in a file is found', () => {
  let lines: string[];
  beforeAll(async () => {
    lines = linesOf(await download(3));
  });

  const changed = (at: number, from: string | RegExp, to: string) => {
    expect(lines.at(at)).toMatch(from);
    return lines.with(at, lines.at(at)!.replace(from, to));
  };
  const rehashed = (altered: string[]) => {
    const { invoice } = JSON.parse(altered.at(-1)!);
    return altered.with(-1, JSON.stringify({ invoice: { ...invoice, documentSha256: sha256Hex(invoice.document) } }));
  };

  test('by the command, each with what differs', async () => {
    const { code, stdout, stderr } = await rebuild(
      zipped(changed(-2, /"quantity":"700"/, '"quantity":"701"')),
      zipped(lines.toSpliced(-2, 1)),
      zipped(changed(-1, /(dueMinor\\":\\")\d+/, '$142')),
    );
    expect([code, stdout.includes('the same')]).toEqual([1, false]);
    const [quantity, gone, amount] = stderr.split(/^rebuilt: not the same as invoice \d+\n/m);
    expect(quantity).toContain('document.usage[0].quantity: the file says "700", its history gives "701"\n');
    expect(gone).toContain('document.usage[1]: the file says {');
    expect(amount).toBe('document.dueMinor: the file says "42", its history gives "2752"\n');
  });

  test.each([
    ['an event that is there twice', () => lines.toSpliced(-2, 0, lines.at(-2)!), 'document.usage[0].quantity'],
    ['a price', () => changed(0, '20000000', '30000000'), 'document.usage[0].amountMinor'],
    [
      'an amount of the invoice, and its hash with it',
      () => rehashed(changed(-1, /(dueMinor\\":\\")\d+/, '$142')),
      'document.dueMinor',
    ],
    ['how the invoice is written', () => rehashed(changed(-1, '"{', '"{ ')), 'document'],
  ])('%s', async (_, change, path) => {
    const { differences } = await rebuildInvoice(Readable.from(zipped(change())));
    expect(differences.map((difference) => difference.path)).toContain(path);
  });

  test('what is no export: said by the command', async () => {
    const { code, stdout, stderr } = await rebuild(Buffer.from(lines.join('\n')));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/: HISTORY_FILE_INVALID: Line 1 .*incorrect header/);
  });

  test.each([
    ['a file that is cut off', () => gzipSync(lines.join('\n')).subarray(0, -20), /Line \d+ .*unexpected end of file/],
    ['one that ends early', () => zipped(lines.slice(0, -1)), /Line 9 .*ends before the invoice/],
    ['one that goes on', () => zipped([...lines, lines.at(-2)!]), /Line 10 .*nothing follows/],
    ['no JSON', () => zipped(lines.with(1, '{')), /Line 2 /],
    ['an event without a time', () => zipped(changed(2, /"at":"[^"]*",?/, '')), /Line 3 .*at: /],
    ['terms that no contract has', () => zipped(changed(0, '"periods":3', '"periods":0')), /Line 1 .*periods/],
    ['another format', () => zipped(changed(0, 'history/1', 'history/2')), /Line 1 .*format/],
  ])('what can not be read: %s', async (_, made, problem) => {
    const refusal = rebuildInvoice(Readable.from(made())).catch((error) => error);
    expect(await refusal).toMatchObject({ code: 'HISTORY_FILE_INVALID', message: expect.stringMatching(problem) });
  });
});
