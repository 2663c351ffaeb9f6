import { defineMutation, defineOperation, type PresignedRequest } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export type ExportKind = 'USAGE' | 'JOURNAL';

export interface BillingExport {
  id: string;
  kind: ExportKind;
  /** Null: all partners. */
  partnerId: string | null;
  from: string;
  to: string;
  requestedAt: string;
  state: 'QUEUED' | 'RUNNING' | 'READY' | 'FAILED' | 'EXPIRED';
  /** So far, while it runs. */
  rows: string;
  bytes: string | null;
  sha256: string | null;
  expiresAt: string | null;
  failure: { reason: string; message: string } | null;
}

export interface ShownExport extends BillingExport {
  file: PresignedRequest | null;
}

export interface ExportRange {
  from: string;
  to: string;
  organizationId?: string;
}

const EXPORT = 'id kind partnerId from to requestedAt state rows bytes sha256 expiresAt failure { reason message }';

export const BILLING_EXPORTS = defineOperation<
  { billingExports: Connection<BillingExport> },
  Page & { kind: ExportKind }
>(
  `query($kind: BillingExportKind!, $first: Int, $after: String) {
    billingExports(kind: $kind, first: $first, after: $after) { nodes { ${EXPORT} } ${PAGE_INFO} } }`,
);

export const SHOW_EXPORT = defineOperation<{ node: ShownExport | { rows?: undefined } | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on BillingExport { ${EXPORT} file { method url headers } } } }`,
);

export const EXPORT_USAGE = defineMutation<{ billingExport: BillingExport }, ExportRange>(
  'exportUsage',
  `billingExport { ${EXPORT} }`,
);

export const EXPORT_JOURNAL = defineMutation<{ billingExport: BillingExport }, ExportRange>(
  'exportJournal',
  `billingExport { ${EXPORT} }`,
);
