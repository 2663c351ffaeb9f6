import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import { preparationPrefix } from '../dataset.js';
import { findVersions, markPurged } from '../dataset.repository.js';
import { preparationIdsOfVersion } from '../preparation.repository.js';
import { findUploads } from '../upload.repository.js';

/** Removes bytes whose row says that they are no longer wanted. Removing what is gone already is no error. */
@Injectable()
export class PurgeHandlers {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
  ) {}

  @HandlesMessage('datasets.upload.discarded')
  async discard({ payload }: Message<'datasets.upload.discarded'>, scope: Scope): Promise<void> {
    const [upload] = await this.database.read(scope, (tx) => findUploads(tx, [payload.uploadId]));
    if (!upload || upload.status === 'completed') return;
    for (const multipartId of await this.store.listMultiparts(upload.objectKey)) {
      await this.store.abortMultipart(upload.objectKey, multipartId);
    }
    await this.store.delete(upload.objectKey);
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
