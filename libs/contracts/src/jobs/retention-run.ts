import { Inject, Injectable, Logger } from '@nestjs/common';
import { MailOutbox } from '#libs/identity';
import { CLOCK, type Clock } from '#libs/kernel';
import { WebhookOutbox } from '#libs/webhooks';
import { Database, systemScope, type Transaction } from '#platform/database';
import { Every } from '#platform/queue';
import { type ContentRemoval, ContentRemovers } from '../retention/content-removal.js';
import {
  insertRemoval,
  lockRemoval,
  markRemovalBegun,
  markRemovalCompleted,
  removalUnderWay,
} from '../retention/content-removal.repository.js';
import { type ContentEnd, clauseText, daysAfter, NOTICE_DAYS } from '../retention/retention.js';
import { RetentionService } from '../retention/retention.service.js';

/** After the last contract of an organization: tells its people, and removes its content when the day has come. */
@Injectable()
export class RetentionRun {
  private readonly logger = new Logger(RetentionRun.name);

  constructor(
    private readonly database: Database,
    private readonly retention: RetentionService,
    private readonly removers: ContentRemovers,
    private readonly mails: MailOutbox,
    private readonly webhooks: WebhookOutbox,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('10m', 'contracts.retention')
  async run(signal?: AbortSignal): Promise<void> {
    for (const organizationId of await this.concerned()) {
      if (signal?.aborted) return;
      // One organization whose content can't be removed must not keep the others from it.
      await this.turn(organizationId, signal).catch((error) =>
        this.logger.error(error, `organization ${organizationId}`),
      );
    }
  }

  private async turn(organizationId: string, signal?: AbortSignal): Promise<void> {
    const scope = systemScope('contracts.retention', organizationId);
    const removal = await this.database.transaction(scope, (tx) => this.removalFor(tx));
    if (!removal || !(await this.removers.remove({ scope, removal, signal }))) return;
    const { contractId } = removal.clause;
    await this.database.transaction(scope, (tx) => markRemovalCompleted(tx, contractId, this.clock.now()));
  }

  /** What has begun is brought to its end; else what has to begin by now. */
  private async removalFor(tx: Transaction): Promise<ContentRemoval | null> {
    const underWay = await removalUnderWay(tx);
    if (underWay) return underWay;
    const { content } = await this.retention.terms(tx);
    const now = this.clock.now();
    if (!content || now < content.noticeAt) return null;
    await this.announce(tx, content, now);
    const { clause } = content;
    const { dueAt, begunAt } = await lockRemoval(tx, clause.contractId);
    if (begunAt || now < dueAt) return null;
    await markRemovalBegun(tx, clause.contractId, now);
    return { clause, begunAt: now };
  }

  /** Once. Who is told late, since nothing ran here for a while, has the same time left. */
  private async announce(tx: Transaction, { clause, endedAt, ...end }: ContentEnd, now: Date): Promise<void> {
    const left = daysAfter(now, Math.min(NOTICE_DAYS, clause.days));
    const dueAt = new Date(Math.max(end.dueAt.getTime(), left.getTime()));
    if (!(await insertRemoval(tx, { clause, endedAt, dueAt, noticedAt: now }))) return;
    const day = dueAt.toISOString();
    await this.mails.post(tx, {
      key: `content removal ${clause.contractId}`,
      permission: 'members:write',
      subject: `Your content on the platform will be deleted on ${day.slice(0, 10)}`,
      text: [
        `Your last contract ended at ${endedAt.toISOString()}. By ${clauseText(clause)} your content is deleted ${clause.days} days later, at ${day}:`,
        'datasets and what was prepared from them, the weights of your variants, evaluation suites and answers, outputs and logs of jobs.',
        'Variants that you offer to others are withdrawn, and deployments of your variants end. Contracts, invoices, usage, the journal and the audit log stay.',
        'Take what you need before that day. If another contract is signed before, nothing is deleted.',
      ].join('\n'),
    });
    await this.webhooks.post(tx, {
      key: clause.contractId,
      type: 'content.removal_due',
      data: {
        contractId: clause.contractId,
        contractVersionNumber: clause.versionNumber,
        clause: clause.clause,
        contractEndedAt: endedAt.toISOString(),
        dueAt: day,
      },
    });
  }

  /** Those whose contracts say so and have ended, whose content is not gone yet. */
  private async concerned(): Promise<string[]> {
    const rows = await this.database.as('reconciler', (tx) =>
      tx.query<{ id: string }>(
        `SELECT DISTINCT c.organization_id AS id
         FROM contracts c JOIN contract_versions v ON v.contract_id = c.id
         WHERE c.state = 'in_force' AND c.ends_at <= $1 AND v.state = 'accepted' AND v.retention ->> 'afterEndDays' IS NOT NULL
           AND NOT EXISTS (SELECT FROM content_removals r WHERE r.contract_id = c.id AND r.completed_at IS NOT NULL)
         ORDER BY id`,
        [this.clock.now()],
      ),
    );
    return rows.map(({ id }) => id);
  }
}
