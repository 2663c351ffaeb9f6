import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '#libs/audit';
import { ServiceStopService, type ServiceStopSource } from '#libs/contracts';
import { MailOutbox } from '#libs/identity';
import { CLOCK, type Clock, canonicalJson, newId, sha256Hex } from '#libs/kernel';
import { WebhookOutbox } from '#libs/webhooks';
import type { Transaction } from '#platform/database';
import { paymentClause } from '../invoices/due-date.js';
import { findInvoices } from '../invoices/invoice.repository.js';
import { invoiceEvent } from '../invoices/invoice-event.js';
import { dunningMail, overdueReason } from './dunning-mail.js';
import { type Standing, standingOf } from './schedule.js';
import {
  findServiceState,
  holdServiceState,
  type StoredServiceState,
  saveServiceState,
  unpaidInvoices,
} from './service-state.repository.js';

/** Where an organization stands, and since when; null: nothing was ever overdue. */
export interface ServiceStanding extends Pick<Standing, 'state' | 'next'> {
  since: Date | null;
  invoiceIds: string[];
}

/** Follows unpaid invoices through the schedule: forward with time, back at once when they are paid. */
@Injectable()
export class DunningService {
  constructor(
    private readonly stops: ServiceStopService,
    private readonly mails: MailOutbox,
    private readonly webhooks: WebhookOutbox,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What holds now, as the worker last found it, and what comes. */
  async standing(tx: Transaction, organizationId: string): Promise<ServiceStanding> {
    const stored = await findServiceState(tx, organizationId);
    const { next } = standingOf(await unpaidInvoices(tx, organizationId), this.clock.now());
    const { state = 'current', since = null, invoiceIds = [] } = stored ?? {};
    return { state, since, invoiceIds, next };
  }

  /** Takes the scope's organization to where it stands now, with all that follows: stops, mail, audit. Again it changes nothing. */
  async move(tx: Transaction): Promise<void> {
    const now = this.clock.now();
    const before = await holdServiceState(tx, now);
    const standing = standingOf(await unpaidInvoices(tx, tx.scope.organizationId), now);
    const { state } = standing;
    const invoiceIds = standing.state === 'current' ? [] : standing.because.map(({ id }) => id);
    if (state === before.state && invoiceIds.join() === before.invoiceIds.join()) return;
    const since = state === before.state ? before.since : now;
    await saveServiceState(tx, { state, since, invoiceIds });
    await this.applyStops(tx, standing);
    // Each is told of once, however often it is found.
    for (const invoice of await findInvoices(tx, invoiceIds))
      await this.webhooks.post(tx, invoiceEvent(invoice, 'invoice.overdue'));
    if (state === before.state) return;
    // A state comes once at a time, however often the mail is asked for.
    await this.mails.post(tx, {
      key: `dunning:${state}:${since.toISOString()}`,
      permission: 'invoices:read',
      ...dunningMail(standing),
    });
    await this.record(tx, before, { state, since, invoiceIds });
  }

  /** Anew, since what is refused is told by the invoices of today. */
  private async applyStops(tx: Transaction, standing: Standing): Promise<void> {
    const { organizationId } = tx.scope;
    const source: ServiceStopSource = { kind: 'dunning', id: organizationId };
    await this.stops.lift(tx, source);
    if (standing.stops.length === 0) return;
    await this.stops.stop(tx, {
      organizationId,
      services: standing.stops,
      source,
      reason: overdueReason(standing),
      // Of the one that is due longest, by which the schedule goes.
      clause: paymentClause(standing.because[0]!.paymentDays),
    });
  }

  private async record(tx: Transaction, before: StoredServiceState, after: StoredServiceState): Promise<void> {
    await this.audit.record(tx, {
      action: `serviceState.${after.state}`,
      outcome: 'done',
      targetIds: [...new Set([...before.invoiceIds, ...after.invoiceIds])],
      requestId: newId('req'),
      inputSha256: sha256Hex(canonicalJson({ before, after })),
    });
  }
}
