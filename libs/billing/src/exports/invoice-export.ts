/** The file that a final invoice can be rebuilt from: docs/guides/rebuild-an-invoice.md. */
export interface InvoiceExport {
  invoiceId: string;
  /** The partner. */
  organizationId: string;
  requestedAt: Date;
  /** Null until it can be fetched, as all that follows. */
  readyAt: Date | null;
  bytes: number | null;
  /** Of the file as it is stored, compressed. */
  sha256: string | null;
}

/** Where its object is stored. */
export function keyOfExport({
  organizationId,
  invoiceId,
}: Pick<InvoiceExport, 'organizationId' | 'invoiceId'>): string {
  return `org/${organizationId}/invoices/${invoiceId}/history.jsonl.gz`;
}
