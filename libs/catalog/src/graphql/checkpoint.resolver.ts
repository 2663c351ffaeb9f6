import { Inject } from '@nestjs/common';
import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, NodeLoader, type RequestContext, readNodes } from '#platform/graphql';
import { findCheckpoint, findCheckpoints, listCheckpoints } from '../checkpoint.repository.js';
import { VariantDeletionService } from '../deletion.service.js';
import { RetirementService } from '../retirement.service.js';
import { CheckpointsArgs } from './catalog.inputs.js';
import { CheckpointConnection, CheckpointType, RetirementImpactType, VariantHoldType } from './checkpoint.types.js';

const READ = 'catalog:read';

@Resolver(() => CheckpointType)
export class CheckpointResolver {
  constructor(
    private readonly database: Database,
    private readonly retirement: RetirementService,
    private readonly deletion: VariantDeletionService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('ckpt', 'Checkpoint')
  loadCheckpoints(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: READ,
      find: (tx) => findCheckpoints(tx, ids),
    });
  }

  @Query(() => CheckpointConnection, {
    description: 'The checkpoints that the caller may see: the lab’s that it is entitled to, and its own variants.',
  })
  async checkpoints(@Ctx() context: RequestContext, @Args() args: CheckpointsArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => listCheckpoints(tx, args, args.orderBy, args));
  }

  @Query(() => CheckpointType, {
    nullable: true,
    description: 'A checkpoint by its name or id; null when there is none that the caller may see.',
  })
  async checkpoint(@Ctx() context: RequestContext, @Args('model', { description: 'Name or id.' }) model: string) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => findCheckpoint(tx, model));
  }

  @Query(() => RetirementImpactType, {
    description:
      'Who would be affected if a checkpoint were retired: numbers by organization. For its owner; needs the permission catalog:publish.',
  })
  async retirementImpact(
    @Ctx() context: RequestContext,
    @Args('checkpointId', { description: 'The checkpoint.' }) checkpointId: string,
  ): Promise<RetirementImpactType> {
    this.authorizer.authorize(context.principal, 'catalog:publish');
    const impact = await this.database.transaction(context.scope, (tx) => this.retirement.impact(tx, checkpointId));
    return { ...impact, affected: impact.affected.map((one) => ({ ...one, organization: null })) };
  }

  @Query(() => [VariantHoldType], {
    description:
      'What keeps a variant of one’s own from being deleted now; empty: nothing. Needs the permission jobs:write.',
  })
  async variantHolds(
    @Ctx() context: RequestContext,
    @Args('checkpointId', { type: () => ID, description: 'The variant.' }) checkpointId: string,
  ): Promise<VariantHoldType[]> {
    this.authorizer.authorize(context.principal, 'jobs:write');
    const holds = await this.database.read(context.scope, (tx) => this.deletion.holds(tx, checkpointId));
    return holds.map(({ id, ...hold }) => ({ ...hold, holderId: id }));
  }
}
