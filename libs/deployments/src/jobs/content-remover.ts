import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ContentRemovers, REMOVAL_BATCH, type RemovalWork } from '#libs/contracts';
import { deploymentsOfVariantsBefore } from '../deployment.repository.js';
import { DeploymentsService } from '../deployments.service.js';

/** Deployments end with the variant that they answer with, before its weights go; those of a lab's checkpoint stay. */
@Injectable()
export class DeploymentRemover implements OnModuleInit {
  constructor(
    private readonly removers: ContentRemovers,
    private readonly deployments: DeploymentsService,
  ) {}

  onModuleInit(): void {
    // At last once more: until a variant said that it is gone another one could be made.
    for (const stage of ['stop', 'erase'] as const) this.removers.register(stage, (work) => this.end(work));
  }

  private end(work: RemovalWork): Promise<boolean> {
    return this.removers.inBatches(work, async (tx) => {
      const ids = await deploymentsOfVariantsBefore(tx, work.removal.begunAt, REMOVAL_BATCH);
      for (const id of ids) await this.deployments.delete(tx, id);
      return ids;
    });
  }
}
