import { Injectable, type OnModuleInit } from '@nestjs/common';
import { openListingsBefore } from '../listings/listing.repository.js';
import { ListingService } from '../listings/listing.service.js';
import { ContentRemovers, REMOVAL_BATCH, type RemovalWork } from '../retention/content-removal.js';

/** A variant whose weights go is offered to nobody: its listing is withdrawn as its publisher would, and whoever used it is told so. */
@Injectable()
export class ListingRemover implements OnModuleInit {
  constructor(
    private readonly removers: ContentRemovers,
    private readonly listings: ListingService,
  ) {}

  onModuleInit(): void {
    // At last once more: until a variant said that it is gone it could be offered anew.
    for (const stage of ['stop', 'erase'] as const) this.removers.register(stage, (work) => this.withdraw(work));
  }

  private withdraw(work: RemovalWork): Promise<boolean> {
    return this.removers.inBatches(work, async (tx) => {
      const ids = await openListingsBefore(tx, work.removal.begunAt, REMOVAL_BATCH);
      for (const id of ids) await this.listings.withdraw(tx, id);
      return ids;
    });
  }
}
