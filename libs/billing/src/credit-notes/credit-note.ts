import { type Currency, canonicalJson } from '#libs/kernel';

/** What is taken back of one line of an invoice. */
export interface CreditNoteLine {
  /** That of the invoice's line. */
  lineId: string;
  /** In minor units, above zero. */
  amountMinor: bigint;
}

/** Takes back part of a final invoice, which stays as it is but for what is open on it. It never changes. */
export interface CreditNote {
  id: string;
  invoiceId: string;
  /** The partner. */
  organizationId: string;
  currency: Currency;
  /** Counts the lab's credit notes without gaps. */
  number: number;
  reason: string;
  lines: CreditNoteLine[];
  /** Canonical JSON, to the byte. */
  document: string;
  documentSha256: string;
  totalMinor: bigint;
  /** Whether what of it was paid before goes back as soon as the books say how much that is. */
  refundsPaid: boolean;
  issuedBy: string;
  issuedAt: Date;
  /** When the books took it over; null before. */
  postedAt: Date | null;
  /** What of it the partner had paid already, and is owed now; null until it is posted. */
  paidMinor: bigint | null;
}

/** The document of a credit note: amounts are decimal strings, times RFC 3339 with milliseconds and Z. */
export interface CreditNoteDocument {
  number: number;
  issuedAt: string;
  invoice: { id: string; number: number; documentSha256: string };
  currency: Currency;
  reason: string;
  lines: Array<{ lineId: string; amountMinor: string }>;
  totalMinor: string;
}

export function documentOf(document: CreditNoteDocument): string {
  return canonicalJson(document);
}

/** What notes took back of each line. */
export function creditedByLine(notes: readonly CreditNote[]): (lineId: string) => bigint {
  const lines = Map.groupBy(
    notes.flatMap((note) => note.lines),
    ({ lineId }) => lineId,
  );
  return (lineId) => totalOf(lines.get(lineId) ?? []);
}

export const totalOf = (lines: readonly CreditNoteLine[]): bigint =>
  lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
