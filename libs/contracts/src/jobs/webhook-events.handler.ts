import { Injectable } from '@nestjs/common';
import { WebhookOutbox } from '#libs/webhooks';
import { Database, type Scope, systemScope, type Transaction } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { subjectIdOf } from '../caps/spend-cap.js';
import { findCaps } from '../caps/spend-cap.repository.js';
import { findAlerts } from '../caps/spend-cap-alert.js';
import type { ServiceStop } from '../service-stops/service-stop.js';
import { findStop, isStoppedBeside } from '../service-stops/service-stop.repository.js';

const EXHAUSTED_PERCENT = 100;

/** Tells a partner's webhook endpoints of its caps and of what it may not go on with. */
@Injectable()
export class WebhookEventsHandler {
  constructor(
    private readonly database: Database,
    private readonly webhooks: WebhookOutbox,
  ) {}

  @HandlesMessage('contracts.cap_threshold_reached')
  async reached({ payload }: Message<'contracts.cap_threshold_reached'>, scope: Scope): Promise<void> {
    const { alertId, capId } = payload;
    await this.database.transaction(scope, async (tx) => {
      const [[alert], [cap]] = [await findAlerts(tx, [alertId]), await findCaps(tx, [capId])];
      if (!alert || !cap) throw new Error(`there is no alert ${alertId} of the cap ${capId}`);
      await this.webhooks.post(tx, {
        key: alertId,
        type: alert.percent >= EXHAUSTED_PERCENT ? 'spend_cap.exhausted' : 'spend_cap.threshold_reached',
        data: {
          spendCapId: capId,
          subjectId: subjectIdOf(cap),
          percent: alert.percent,
          isHard: cap.isHard,
          period: cap.period,
          currency: cap.currency,
          limitNanos: String(cap.limitNanos),
          spentNanos: String(alert.spentNanos),
          heldNanos: String(alert.heldNanos),
          reachedAt: alert.reachedAt.toISOString(),
        },
      });
    });
  }

  @HandlesMessage('contracts.service_stopped')
  stopped({ payload }: Message<'contracts.service_stopped'>): Promise<void> {
    return this.tell(payload, 'service.stopped');
  }

  @HandlesMessage('contracts.service_restored')
  restored({ payload }: Message<'contracts.service_restored'>): Promise<void> {
    return this.tell(payload, 'service.restored');
  }

  /** In the scope of the partner, whoever stopped it. What is stopped by something else, too, neither stops nor goes on. */
  private tell(
    { organizationId, stopId }: { organizationId: string; stopId: string },
    type: 'service.stopped' | 'service.restored',
  ): Promise<void> {
    return this.database.transaction(systemScope('webhooks', organizationId), async (tx) => {
      const stop = await findStop(tx, stopId);
      if (!stop) throw new Error(`there is no stop ${stopId}`);
      const at = type === 'service.stopped' ? stop.since : stop.liftedAt!;
      if (await isStoppedBeside(tx, stop, at)) return;
      await this.post(tx, { stop, type, at });
    });
  }

  private async post(
    tx: Transaction,
    { stop, type, at }: { stop: ServiceStop; type: 'service.stopped' | 'service.restored'; at: Date },
  ): Promise<void> {
    const { id, subjectId, stops, source, reason, clause } = stop;
    await this.webhooks.post(tx, {
      key: id,
      type,
      data: {
        subjectId,
        service: stops,
        source: source.kind,
        sourceId: source.id,
        reason,
        clause,
        at: at.toISOString(),
      },
    });
  }
}
