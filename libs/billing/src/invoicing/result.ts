import { canonicalJson, type Meter, sha256Hex } from '#libs/kernel';
import type { Adjustment } from './adjustments.js';
import type { CommitmentUse } from './commitments.js';
import type { CreditUse } from './credits.js';
import type { Period } from './periods.js';
import type { Assessment, UsageLine } from './usage-lines.js';

/** What is given to others: amounts and quantities are decimal strings, times RFC 3339 with milliseconds and Z. */
export interface Result {
  invoices: Invoice[];
  /** Ids of events, in text order. */
  unpriced: string[];
  outsideTerm: string[];
}

export interface Invoice {
  number: number;
  from: string;
  to: string;
  finalizedAt: string;
  usage: InvoiceUsage[];
  minimumMinor: string;
  adjustments: InvoiceAdjustment[];
  credits: InvoiceCredit[];
  commitments: InvoiceCommitment[];
  netMinor: string;
  carriedInMinor: string;
  subtotalMinor: string;
  taxMinor: string;
  dueMinor: string;
  carriedOutMinor: string;
}

export interface InvoiceUsage {
  version: number;
  meter: Meter;
  ruleId: string;
  quantity: string;
  amountMinor: string;
  shares: { projectId: string; quantity: string; amountMinor: string }[];
}

/** All but the period and the amount are null for the minimum. */
export interface InvoiceAdjustment {
  period: number;
  version: number | null;
  meter: Meter | null;
  ruleId: string | null;
  projectId: string | null;
  amountMinor: string;
}

export interface InvoiceCredit {
  grantId: string;
  paidMinor: string;
  balanceMinor: string;
}

export interface InvoiceCommitment {
  id: string;
  purchaseMinor: string;
  consumedMinor: string;
  drawdownMinor: string;
  overageMinor: string;
  trueUpMinor: string;
}

/** What an invoice is written from. */
export interface InvoiceParts {
  period: Period;
  assessment: Assessment;
  adjustments: readonly Adjustment[];
  creditUses: readonly CreditUse[];
  commitment: CommitmentUse | null;
  netMinor: bigint;
  carriedInMinor: bigint;
  subtotalMinor: bigint;
  taxMinor: bigint;
  dueMinor: bigint;
  carriedOutMinor: bigint;
}

/** SHA-256 over the canonical JSON. Of objects with these keys, strings and whole numbers the kernel's is that of RFC 8785. */
export function hashOf(invoice: Invoice): string {
  return sha256Hex(canonicalJson(invoice));
}

export function toInvoice(parts: InvoiceParts): Invoice {
  const { period, assessment, adjustments, creditUses, commitment } = parts;
  return {
    number: period.number,
    from: rfc3339(period.from),
    to: rfc3339(period.to),
    finalizedAt: rfc3339(period.finalizedAt),
    usage: assessment.lines.map(toUsage),
    minimumMinor: String(assessment.minimumMinor),
    adjustments: adjustments.map(toAdjustment),
    credits: creditUses.map(toCredit),
    commitments: commitment ? [toCommitment(commitment)] : [],
    netMinor: String(parts.netMinor),
    carriedInMinor: String(parts.carriedInMinor),
    subtotalMinor: String(parts.subtotalMinor),
    taxMinor: String(parts.taxMinor),
    dueMinor: String(parts.dueMinor),
    carriedOutMinor: String(parts.carriedOutMinor),
  };
}

function toUsage({ rule, quantity, amountMinor, shares }: UsageLine): InvoiceUsage {
  return {
    version: rule.versionNumber,
    meter: rule.meter,
    ruleId: rule.id,
    quantity: String(quantity),
    amountMinor: String(amountMinor),
    shares: shares.map((share) => ({
      projectId: share.projectId,
      quantity: String(share.quantity),
      amountMinor: String(share.amountMinor),
    })),
  };
}

function toAdjustment({ period, rule, meter, projectId, amountMinor }: Adjustment): InvoiceAdjustment {
  return {
    period: period.number,
    version: rule?.versionNumber ?? null,
    meter,
    ruleId: rule?.id ?? null,
    projectId,
    amountMinor: String(amountMinor),
  };
}

function toCredit({ grant, paidMinor, balanceMinor }: CreditUse): InvoiceCredit {
  return { grantId: grant.id, paidMinor: String(paidMinor), balanceMinor: String(balanceMinor) };
}

function toCommitment(use: CommitmentUse): InvoiceCommitment {
  return {
    id: use.id,
    purchaseMinor: String(use.purchaseMinor),
    consumedMinor: String(use.consumedMinor),
    drawdownMinor: String(use.drawdownMinor),
    overageMinor: String(use.overageMinor),
    trueUpMinor: String(use.trueUpMinor),
  };
}

function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
