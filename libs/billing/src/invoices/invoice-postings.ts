import type { Currency, Meter } from '#libs/kernel';
import type { ExpiredPrepaid, InvoiceLine } from '#libs/ledger';
import type { Invoice } from '../invoicing/index.js';

/** A line of an invoice: what the books post, with what it is of. */
export type DetailedLine = InvoiceLine & Partial<LineDetails>;

export interface LineDetails {
  version: number | null;
  ruleId: string | null;
  projectId: string | null;
  quantity: bigint;
  /** Of an adjustment: the earlier invoice's. */
  period: number;
  grantId: string;
  commitmentId: string;
}

type Unnumbered = DetailedLine extends infer Line ? (Line extends DetailedLine ? Omit<Line, 'id'> : never) : never;

/** All lines of an invoice in the order of the guide, those of nothing left out. Their ids are those of their places. */
export function linesOf(invoiceId: string, invoice: Invoice): DetailedLine[] {
  const { minimumMinor, carriedInMinor, taxMinor } = invoice;
  const lines: Unnumbered[] = [
    ...usageLines(invoice),
    { part: 'minimum', amountMinor: BigInt(minimumMinor) },
    ...adjustmentLines(invoice),
    ...invoice.credits.map(({ grantId, paidMinor }) => ({
      part: 'credit' as const,
      grantId,
      amountMinor: BigInt(paidMinor),
    })),
    ...commitmentLines(invoice),
    { part: 'carried_in', amountMinor: BigInt(carriedInMinor) },
    { part: 'tax', amountMinor: BigInt(taxMinor) },
  ];
  // Usage that costs nothing is shown all the same.
  const shown = lines.filter(({ part, amountMinor }) => part === 'usage' || amountMinor !== 0n);
  return shown.map((line, position) => ({ id: `${invoiceId}.${position + 1}`, ...line }) as DetailedLine);
}

function usageLines({ usage }: Invoice): Unnumbered[] {
  return usage.flatMap(({ version, meter, ruleId, shares }) =>
    shares.map(({ projectId, quantity, amountMinor }) => ({
      part: 'usage' as const,
      version,
      meter,
      ruleId,
      projectId,
      quantity: BigInt(quantity),
      amountMinor: BigInt(amountMinor),
    })),
  );
}

function adjustmentLines({ adjustments }: Invoice): Unnumbered[] {
  return adjustments.map(({ amountMinor, ...adjustment }) => ({
    part: 'adjustment' as const,
    ...adjustment,
    amountMinor: BigInt(amountMinor),
  }));
}

function commitmentLines({ commitments }: Invoice): Unnumbered[] {
  return commitments.flatMap(({ id: commitmentId, purchaseMinor, drawdownMinor, overageMinor, trueUpMinor }) => [
    { part: 'purchase' as const, commitmentId, amountMinor: BigInt(purchaseMinor) },
    { part: 'drawdown' as const, commitmentId, amountMinor: BigInt(drawdownMinor) },
    { part: 'overage' as const, commitmentId, amountMinor: BigInt(overageMinor) },
    { part: 'true_up' as const, commitmentId, amountMinor: BigInt(trueUpMinor) },
  ]);
}

/** What of prepaid commitments that end with the last invoice was bought and never drawn down. */
export function forfeitedOf(
  invoices: readonly Invoice[],
  commitments: ReadonlyArray<{ id: string; kind: string; to: Date }>,
  { contractId, currency }: { contractId: string; currency: Currency },
): ExpiredPrepaid[] {
  const end = invoices.at(-1)!.to;
  const ending = commitments.filter(({ kind, to }) => kind === 'prepaid' && to.toISOString() === end);
  return ending.flatMap(({ id, to }) => {
    const uses = invoices.flatMap((invoice) => invoice.commitments.filter((use) => use.id === id));
    const forfeitedMinor = uses.reduce((left, use) => left + BigInt(use.purchaseMinor) - BigInt(use.drawdownMinor), 0n);
    return forfeitedMinor > 0n
      ? [{ commitmentId: `${contractId}/${id}`, currency, expiredAt: to, forfeitedMinor }]
      : [];
  });
}

/** What a line is, for people. */
export function describeLine(line: DetailedLine): string {
  const { projectId, period, commitmentId } = line;
  switch (line.part) {
    case 'usage':
      return `${line.quantity} ${nameOf(line.meter)}, project ${projectId}`;
    case 'minimum':
      return 'Minimum of the period';
    case 'adjustment':
      return `Late usage of period ${period}: ${line.meter ? `${nameOf(line.meter)}, project ${projectId}` : 'minimum'}`;
    case 'credit':
      return 'Paid by credit';
    case 'purchase':
      return `Prepaid commitment ${commitmentId}`;
    case 'drawdown':
      return `Paid by prepaid commitment ${commitmentId}`;
    case 'overage':
      return `Overage of commitment ${commitmentId}`;
    case 'true_up':
      return `True-up of commitment ${commitmentId}`;
    case 'carried_in':
      return 'Carried over from the invoice before';
    case 'tax':
      return 'Tax';
  }
}

const nameOf = (meter: Meter) => meter.replaceAll('_', ' ');
