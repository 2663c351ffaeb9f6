import { Injectable } from '@nestjs/common';
import { MailOutbox } from '#libs/identity';
import { formatMoney } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { limitText, subjectText } from '../caps/spend-cap.js';
import { findCaps } from '../caps/spend-cap.repository.js';
import { findAlerts } from '../caps/spend-cap-alert.js';

/** Writes to whoever may set a partner's caps that one of them reached a threshold. */
@Injectable()
export class CapAlertHandler {
  constructor(
    private readonly database: Database,
    private readonly mails: MailOutbox,
  ) {}

  @HandlesMessage('contracts.cap_threshold_reached')
  async reached({ payload }: Message<'contracts.cap_threshold_reached'>, scope: Scope): Promise<void> {
    const { alertId, capId } = payload;
    await this.database.transaction(scope, async (tx) => {
      const [[alert], [cap]] = [await findAlerts(tx, [alertId]), await findCaps(tx, [capId])];
      if (!alert || !cap) throw new Error(`there is no alert ${alertId} of the cap ${capId}`);
      const money = (nanos: bigint) => formatMoney({ nanos, currency: cap.currency });
      const limit = limitText(cap);
      await this.mails.post(tx, {
        key: `spend cap alert ${alertId}`,
        permission: 'caps:write',
        subject: `${alert.percent}% of a spend cap of ${limit} is reached`,
        text: [
          `The spend cap ${capId} of ${limit} for ${subjectText(cap)} reached ${alert.percent}% at ${alert.reachedAt.toISOString()}.`,
          `Spent: ${money(alert.spentNanos)}. Held for work under way: ${money(alert.heldNanos)}.`,
          cap.isHard
            ? 'It is hard: what would go beyond it is refused. A higher one takes its place by setSpendCap.'
            : 'It is soft: nothing is refused.',
        ].join('\n'),
      });
    });
  }
}
