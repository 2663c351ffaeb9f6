import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, DAY_MILLISECONDS, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import type { ExportKind, NewExport } from './billing-export.js';
import { countUnfinished, insertExport } from './billing-export.repository.js';

/** A year, in whatever time zone it is counted. */
const LONGEST_DAYS = 367;
/** Of one organization at a time: a file may take a worker minutes. */
const MOST_UNFINISHED = 5;

export interface AskedExport {
  kind: ExportKind;
  /** For the lab, which partner's; of the journal all partners' if left out. A partner's is its own. */
  organizationId?: string | null;
  from: Date;
  to: Date;
}

@Injectable()
export class BillingExportService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Gives its id; the file is made by a message. Each time it is another export, of what is known then. */
  async request(tx: Transaction, { kind, organizationId, from, to }: AskedExport): Promise<string> {
    assertRange(from, to);
    const partnerId = await partnerOf(tx, kind, organizationId ?? null);
    if ((await countUnfinished(tx)) >= MOST_UNFINISHED)
      throw BILLING_ERRORS.EXPORTS_UNFINISHED({ most: MOST_UNFINISHED });
    const id = newId('exp');
    const asked: NewExport = { kind, partnerId, from, to };
    await insertExport(tx, id, asked, this.clock.now());
    tx.publish({ type: 'billing.export_requested', key: id, payload: { exportId: id } });
    return id;
  }
}

function assertRange(from: Date, to: Date): void {
  const days = (to.getTime() - from.getTime()) / DAY_MILLISECONDS;
  if (days > 0 && days <= LONGEST_DAYS) return;
  throw BILLING_ERRORS.EXPORT_RANGE_INVALID({ days: LONGEST_DAYS }, { path: ['to'] });
}

/** To a partner no other one exists. */
async function partnerOf(tx: Transaction, kind: ExportKind, organizationId: string | null): Promise<string | null> {
  const isLab = tx.scope.kind === 'lab';
  const partnerId = organizationId ?? (isLab ? null : tx.scope.organizationId);
  const path = ['organizationId'];
  if (partnerId === null) {
    if (kind === 'journal') return null;
    throw BILLING_ERRORS.EXPORT_PARTNER_MISSING({ path });
  }
  const partner = await tx.one(
    `SELECT o.id FROM organizations o WHERE o.id = $1 AND o.kind = 'partner' AND ($2 OR o.id = :organization)`,
    [partnerId, isLab],
  );
  if (!partner) throw BILLING_ERRORS.EXPORT_PARTNER_NOT_FOUND({ id: partnerId }, { path });
  return partnerId;
}
