import { Injectable } from '@nestjs/common';
import type { Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { Every, HandlesMessage } from '#platform/queue';
import { ExportMaker, MOST_ATTEMPTS } from '../exports/export-maker.js';

@Injectable()
export class BillingExportHandler {
  constructor(private readonly maker: ExportMaker) {}

  /** In the scope of who asked. An attempt more than it makes, to record that a worker died with each of them. */
  @HandlesMessage('billing.export_requested', { maxAttempts: MOST_ATTEMPTS + 1, backoffMilliseconds: 5_000 })
  requested({ payload, attempt }: Message<'billing.export_requested'>, scope: Scope): Promise<void> {
    return this.maker.make(scope, payload.exportId, { attempt });
  }

  @Every('10m', 'billing.expire_exports')
  expire(signal?: AbortSignal): Promise<void> {
    return this.maker.expire(signal);
  }
}
