import { defineStates } from '#libs/kernel';

export const EXPORT_KINDS = ['usage', 'journal'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export const EXPORT_STATES = ['queued', 'running', 'ready', 'failed', 'expired'] as const;
export type ExportState = (typeof EXPORT_STATES)[number];

/** A failed one stays so: whoever wants the file asks anew, and gets another export. */
export const exportStates = defineStates<ExportState>('export', {
  initial: 'queued',
  terminal: ['failed', 'expired'],
  transitions: {
    queued: ['running'],
    running: ['ready', 'failed'],
    ready: ['expired'],
    failed: [],
    expired: [],
  },
});

/** Why nothing came of an export, and what to do. */
export const EXPORT_FAILURES = {
  too_large: 'The file would be larger than one object may be: ask for shorter ranges of time, one after another.',
  interrupted:
    'It was begun several times and never got to its end: ask for it again with a new idempotency key. If that ends the same way, tell the lab its id.',
} as const;
export type ExportFailure = keyof typeof EXPORT_FAILURES;

export interface BillingExport {
  id: string;
  /** Who asked. */
  organizationId: string;
  kind: ExportKind;
  /** The partner that it is about; null for all of them. */
  partnerId: string | null;
  from: Date;
  /** Exclusive. */
  to: Date;
  requestedAt: Date;
  state: ExportState;
  /** Without the heading: so far while it runs. */
  rows: bigint;
  /** When it became ready or failed; null until then. */
  endedAt: Date | null;
  /** Null unless there is, or was, a file; as all that follows but the failure. */
  bytes: bigint | null;
  sha256: string | null;
  expiresAt: Date | null;
  failure: ExportFailure | null;
}

export type NewExport = Pick<BillingExport, 'kind' | 'partnerId' | 'from' | 'to'>;

/** Where its object is stored. */
export function keyOfFile({ organizationId, id, kind }: Pick<BillingExport, 'organizationId' | 'id' | 'kind'>): string {
  return `org/${organizationId}/exports/${id}/${kind}.csv`;
}
