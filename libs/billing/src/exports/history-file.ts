import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { BILLING_ERRORS } from '../billing.errors.js';
import { type Contract, parseEvent, parseHistory, type UsageEvent } from '../invoicing/index.js';

/** What the first line says that the file is. It changes with the form, of which docs/guides/rebuild-an-invoice.md tells. */
const FORMAT = 'forkpoint-invoice-history/1';

/** What the file says of the invoice. */
export interface FiledInvoice {
  id: string;
  /** Counts the lab's invoices. */
  number: number;
  /** Canonical JSON. */
  document: string;
  documentSha256: string;
}

/** The lines in their order: one agreement, any number of events, one invoice. */
export type HistoryLine = { agreement: Contract } | { event: UsageEvent } | { invoice: FiledInvoice };

export const agreementLine = (agreement: object): string => lineOf({ format: FORMAT, agreement });
export const eventLine = (event: object): string => lineOf({ event });
export const invoiceLine = (invoice: FiledInvoice): string => lineOf({ invoice });

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** Reads an export without holding it. Throws HISTORY_FILE_INVALID with the number of the line that is not as it was written. */
export async function* readHistoryFile(file: AsyncIterable<Uint8Array>): AsyncGenerator<HistoryLine> {
  let number = 1;
  let isOver = false;
  try {
    for await (const text of linesOf(unzipped(file))) {
      if (isOver) throw new Error('nothing follows the invoice');
      const line = number === 1 ? firstLine(JSON.parse(text)) : laterLine(JSON.parse(text));
      isOver = 'invoice' in line;
      yield line;
      number += 1;
    }
    if (!isOver) throw new Error('the file ends before the invoice');
  } catch (error) {
    const { message } = error as Error;
    throw BILLING_ERRORS.HISTORY_FILE_INVALID({ line: number, problem: message }, { cause: error });
  }
}

const FirstLine = z.strictObject({ format: z.literal(FORMAT), agreement: z.looseObject({ periods: z.int().min(1) }) });
const EventLine = z.strictObject({ event: z.looseObject({}) });
const InvoiceLine = z.strictObject({
  invoice: z.strictObject({
    id: z.string(),
    number: z.int().min(1),
    document: z.string().refine(isJson, 'is no JSON'),
    documentSha256: z.string(),
  }),
});

function firstLine(json: unknown): HistoryLine {
  const { agreement } = parse(FirstLine, json);
  return { agreement: parseHistory({ ...agreement, events: [] }) };
}

function laterLine(json: unknown): HistoryLine {
  const isEvent = typeof json === 'object' && json !== null && 'event' in json;
  return isEvent ? { event: parseEvent(parse(EventLine, json).event) } : parse(InvoiceLine, json);
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const { path, message } = error.issues[0]!;
  throw new Error(`${path.join('.') || 'its root'}: ${message}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function unzipped(file: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // Whoever reads what comes out gets the errors.
  return pipeline(Readable.from(file), createGunzip(), () => undefined);
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
