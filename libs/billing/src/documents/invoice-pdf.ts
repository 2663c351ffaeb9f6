import { once } from 'node:events';
import PDFDocument from 'pdfkit';
import type { InvoiceSheet, SheetLine } from './invoice-sheet.js';

/** In points of 1/72 inch. */
const MARGIN = 50;
const GAP = 6;
const FOOTER_HEIGHT = 40;
const COLUMNS = [
  { head: 'Description', field: 'description', x: 50, width: 215, align: 'left' },
  { head: 'Quantity', field: 'quantity', x: 270, width: 75, align: 'right' },
  { head: 'Price', field: 'price', x: 352, width: 108, align: 'left' },
  { head: 'Amount', field: 'amount', x: 465, width: 80, align: 'right' },
] as const;
const RIGHT_EDGE = 545;

type Page = PDFKit.PDFDocument;

/**
 * An invoice on pages of A4. The same sheet gives the same bytes: its times are the invoice's, the fonts are those that every reader has, and
 * nothing is compressed, so that no library's version shows.
 */
export async function invoicePdf(sheet: InvoiceSheet): Promise<Buffer> {
  const page = new PDFDocument({
    size: 'A4',
    margins: { top: MARGIN, bottom: MARGIN + FOOTER_HEIGHT, left: MARGIN, right: MARGIN },
    compress: false,
    bufferPages: true,
    info: { Title: sheet.title, Author: shown(sheet.from), CreationDate: sheet.finalizedAt },
  });
  const chunks: Buffer[] = [];
  page.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(page, 'end');
  writeHead(page, sheet);
  writeLines(page, sheet.lines);
  writeTotals(page, sheet.totals);
  writeFooters(page, sheet);
  page.end();
  await ended;
  return Buffer.concat(chunks);
}

function writeHead(page: Page, { title, from, to, facts }: InvoiceSheet): void {
  page.font('Helvetica-Bold').fontSize(20).text(title, MARGIN, MARGIN);
  page.moveDown(0.5).fontSize(10);
  for (const [label, name] of [
    ['From', from],
    ['To', to],
  ] as const) {
    page.font('Helvetica').text(label).font('Helvetica-Bold').text(shown(name)).moveDown(0.5);
  }
  page.fontSize(9);
  for (const [name, value] of facts) {
    const y = page.y;
    page.font('Helvetica-Bold').text(name, MARGIN, y, { width: 110 });
    page.font('Helvetica').text(shown(value), MARGIN + 115, y, { width: RIGHT_EDGE - MARGIN - 115 });
  }
  page.moveDown(1.5);
}

/** Each line whole on one page, below the heads of the columns. */
function writeLines(page: Page, lines: readonly SheetLine[]): void {
  writeColumnHeads(page);
  for (const line of lines) {
    const texts = COLUMNS.map(({ field }) => shown(line[field]));
    const height = Math.max(...COLUMNS.map(({ width }, column) => page.heightOfString(texts[column]!, { width })));
    if (isTooHigh(page, height)) {
      page.addPage();
      writeColumnHeads(page);
    }
    writeRow(page, texts, height);
  }
}

function writeColumnHeads(page: Page): void {
  page.font('Helvetica-Bold').fontSize(9);
  writeRow(
    page,
    COLUMNS.map(({ head }) => head),
    page.currentLineHeight(),
  );
  page
    .moveTo(MARGIN, page.y - GAP / 2)
    .lineTo(RIGHT_EDGE, page.y - GAP / 2)
    .lineWidth(0.5)
    .stroke();
  page.font('Helvetica');
}

function writeRow(page: Page, texts: readonly string[], height: number): void {
  const y = page.y;
  for (const [column, { x, width, align }] of COLUMNS.entries()) page.text(texts[column]!, x, y, { width, align });
  page.y = y + height + GAP;
}

function writeTotals(page: Page, totals: InvoiceSheet['totals']): void {
  const rowHeight = page.currentLineHeight() + GAP;
  if (isTooHigh(page, totals.length * rowHeight)) page.addPage();
  page.moveTo(COLUMNS[2].x, page.y).lineTo(RIGHT_EDGE, page.y).lineWidth(0.5).stroke();
  page.y += GAP;
  for (const [name, amount] of totals) {
    page.font(name === 'Due' ? 'Helvetica-Bold' : 'Helvetica');
    writeRow(page, ['', '', name, amount], page.currentLineHeight());
  }
}

function writeFooters(page: Page, { title, documentSha256 }: InvoiceSheet): void {
  const { start, count } = page.bufferedPageRange();
  for (let number = 0; number < count; number += 1) {
    page.switchToPage(start + number);
    // Below the margin text would begin a page of its own.
    page.page.margins.bottom = 0;
    const y = page.page.height - MARGIN - 10;
    const options = { width: RIGHT_EDGE - MARGIN, lineBreak: false } as const;
    page.font('Helvetica').fontSize(7);
    page.text(`${title}, page ${number + 1} of ${count}`, MARGIN, y, options);
    page.text(`SHA-256 of its document: ${documentSha256}`, MARGIN, y + 10, options);
  }
}

function isTooHigh(page: Page, height: number): boolean {
  return page.y + height > page.page.height - page.page.margins.bottom;
}

/** The built-in fonts have the letters of Western Europe: what they can't show is named by its code point, and not left out. */
function shown(text: string): string {
  return text.replace(
    /[^\x20-\x7e\xa1-\xff€‘’“”–—…]/gu,
    (letter) => `U+${letter.codePointAt(0)!.toString(16).toUpperCase()}`,
  );
}
