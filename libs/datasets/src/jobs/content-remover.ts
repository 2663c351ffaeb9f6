import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ContentRemovers, REMOVAL_BATCH, type RemovalWork, removalOf } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { hasUnpurgedVersions, removableVersions, versionsLeftBefore } from '../dataset.repository.js';
import { DatasetsService } from '../datasets.service.js';
import { lockUpload, uploadsUnderWayBefore } from '../upload.repository.js';
import { UploadsService } from '../uploads.service.js';

/** An organization's files, with what was prepared from them. One that something reads goes at a later turn. */
@Injectable()
export class DatasetRemover implements OnModuleInit {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly removers: ContentRemovers,
    private readonly datasets: DatasetsService,
    private readonly uploads: UploadsService,
  ) {}

  onModuleInit(): void {
    this.removers.register('stop', (work) => this.endUploads(work));
    this.removers.register('bury', (work) => this.bury(work));
    this.removers.register('erase', (work) => this.isErased(work));
  }

  /** What is being verified becomes a file, which goes with the others. */
  private async endUploads({ scope, removal, signal }: RemovalWork): Promise<boolean> {
    const underWay = () => this.database.read(scope, (tx) => uploadsUnderWayBefore(tx, removal.begunAt));
    for (const id of await underWay()) {
      if (signal?.aborted) return false;
      await this.database.transaction(scope, async (tx) => {
        const upload = await lockUpload(tx, id);
        if (upload?.status === 'open') await this.uploads.discard(tx, upload, 'aborted');
      });
    }
    return (await underWay()).length === 0;
  }

  private async bury(work: RemovalWork): Promise<boolean> {
    const { scope, removal } = work;
    const isOver = await this.removers.inBatches(work, async (tx) => {
      const gone = removalOf(removal.clause, this.clock.now());
      const removed: string[] = [];
      for (const id of await removableVersions(tx, removal.begunAt, REMOVAL_BATCH)) {
        if (await this.datasets.removeVersion(tx, id, gone)) removed.push(id);
      }
      return removed;
    });
    return isOver && !(await this.database.read(scope, (tx) => versionsLeftBefore(tx, removal.begunAt)));
  }

  /** The bytes go by the message that each deletion sends. */
  private async isErased({ scope }: RemovalWork): Promise<boolean> {
    return !(await this.database.read(scope, hasUnpurgedVersions));
  }
}
