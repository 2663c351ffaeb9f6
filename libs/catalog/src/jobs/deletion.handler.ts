import { Injectable } from '@nestjs/common';
import { Database, type Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import { findCheckpoints } from '../checkpoint.repository.js';
import { filesOf } from '../checkpoint-files.repository.js';

@Injectable()
export class DeletionHandler {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
  ) {}

  /** Its own objects alone, what training could go on from with them: beside them lie other variants of the same job. */
  @HandlesMessage('catalog.variant.deleted')
  async purge({ payload: { checkpointId } }: Message<'catalog.variant.deleted'>, scope: Scope): Promise<void> {
    const { variant, files } = await this.database.read(scope, async (tx) => {
      const [variant] = await findCheckpoints(tx, [checkpointId]);
      const [files = []] = await filesOf(tx, [checkpointId]);
      return { variant, files };
    });
    if (variant?.organizationId !== scope.organizationId || !variant.removal) return;
    for (const { key } of files) await this.store.delete(key);
  }
}
