import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, DomainError } from '#libs/kernel';
import { Database, type Scope, systemScope, type Transaction } from '#platform/database';
import { Every } from '#platform/queue';
import { DatasetsService } from '../datasets.service.js';
import { lockUpload } from '../upload.repository.js';
import { UploadsService } from '../uploads.service.js';

interface Expired {
  id: string;
  organization_id: string;
  kind: Scope['kind'];
}

const BATCH = 200;

/** Ends what nobody finished: uploads past their time, and files past the expiry that their owner set. */
@Injectable()
export class ExpirySweeper {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly uploads: UploadsService,
    private readonly datasets: DatasetsService,
  ) {}

  @Every('1m', 'datasets.expiry')
  async sweep(signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    await this.each('uploads', 'open', { now, signal }, async (tx, id) => {
      const upload = await lockUpload(tx, id);
      if (upload?.status === 'open' && upload.expiresAt <= now) await this.uploads.discard(tx, upload, 'expired');
    });
    await this.each('dataset_versions', 'ready', { now, signal }, async (tx, id) => {
      await this.datasets.deleteVersion(tx, id).catch(ignoreRefusal);
    });
  }

  private async each(
    table: 'uploads' | 'dataset_versions',
    status: string,
    { now, signal }: { now: Date; signal: AbortSignal },
    end: (tx: Transaction, id: string) => Promise<void>,
  ): Promise<void> {
    const expiredAfter = (lastId: string) =>
      this.database.as('reconciler', (tx) =>
        tx.query<Expired & Record<string, unknown>>(
          `SELECT t.id, t.organization_id, o.kind FROM ${table} t JOIN organizations o ON o.id = t.organization_id
           WHERE t.status = $1 AND t.expires_at <= $2 AND t.id > $3 ORDER BY t.id LIMIT ${BATCH}`,
          [status, now, lastId],
        ),
      );
    // On from the last one: many that can't go yet must not keep the others from it.
    for (let batch = await expiredAfter(''); batch.length > 0; batch = await expiredAfter(batch.at(-1)!.id)) {
      for (const { id, organization_id: organizationId, kind } of batch) {
        if (signal.aborted) return;
        const scope = systemScope('datasets.expiry', organizationId, kind);
        await this.database.transaction(scope, (tx) => end(tx, id));
      }
    }
  }
}

/** A file that is being read goes at a later turn; one that was deleted meanwhile is gone. */
function ignoreRefusal(error: unknown): void {
  const expected = error instanceof DomainError && ['FILE_IN_USE', 'FILE_NOT_FOUND'].includes(error.code);
  if (!expected) throw error;
}
