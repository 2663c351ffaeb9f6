import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import { preparationPrefix, versionPrefix } from '../dataset.js';
import { findVersions, markPurged } from '../dataset.repository.js';
import { preparationIdsOfVersion } from '../preparation.repository.js';
import { findUploads } from '../upload.repository.js';
import { uploadStates } from '../upload.state.js';

/** Removes bytes whose row says that they are no longer wanted. Removing what is gone already is no error. */
@Injectable()
export class PurgeHandlers {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
  ) {}

  /** Parts, unfinished multipart uploads, and content that became no version. */
  @HandlesMessage('datasets.upload.ended')
  async tidyUp({ payload }: Message<'datasets.upload.ended'>, scope: Scope): Promise<void> {
    const { upload, version } = await this.database.read(scope, async (tx) => {
      const [upload] = await findUploads(tx, [payload.uploadId]);
      return { upload, version: upload && (await findVersions(tx, [upload.versionId]))[0] };
    });
    if (!upload || !uploadStates.isTerminal(upload.status)) return;
    const prefix = versionPrefix(scope.organizationId, upload.versionId);
    for (const { key, multipartId } of await this.store.listMultiparts(prefix)) {
      await this.store.abortMultipart(key, multipartId);
    }
    for await (const { key } of this.store.list(prefix)) {
      if (key !== version?.objectKey) await this.store.delete(key);
    }
  }

  @HandlesMessage('datasets.version.deleted')
  async purge({ payload }: Message<'datasets.version.deleted'>, scope: Scope): Promise<void> {
    const { version, preparationIds } = await this.database.read(scope, async (tx) => ({
      version: (await findVersions(tx, [payload.versionId]))[0],
      preparationIds: await preparationIdsOfVersion(tx, payload.versionId),
    }));
    if (version?.status !== 'deleted') return;
    // What was prepared is the same data in another form.
    for (const id of preparationIds) await this.store.deleteAll(preparationPrefix(scope.organizationId, id));
    await this.store.delete(version.objectKey);
    await this.database.transaction(scope, (tx) => markPurged(tx, version.id, this.clock.now()));
  }
}
