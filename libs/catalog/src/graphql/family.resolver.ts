import { Inject } from '@nestjs/common';
import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  ConnectionArgs,
  Ctx,
  NodeLoader,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import { listCheckpointsOfRuns } from '../checkpoint.repository.js';
import { FamilyService } from '../family.service.js';
import type { Recipe } from '../recipe.js';
import { RecipeService } from '../recipe.service.js';
import { TrainingRunsArgs } from './catalog.inputs.js';
import { CheckpointConnection } from './checkpoint.types.js';
import {
  ModelFamilyConnection,
  ModelFamilyType,
  RecipeType,
  TrainingRunConnection,
  TrainingRunType,
} from './family.types.js';

const READ = 'catalog:read';

@Resolver(() => ModelFamilyType)
export class ModelFamilyResolver {
  constructor(
    private readonly database: Database,
    private readonly families: FamilyService,
    private readonly recipeService: RecipeService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('fam', 'ModelFamily')
  loadFamilies(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: READ,
      find: (tx) => this.families.findFamilies(tx, ids),
    });
  }

  @NodeLoader('recipe', 'Recipe')
  loadRecipes(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: READ,
      find: (tx) => this.recipeService.find(tx, ids),
    });
  }

  @Query(() => ModelFamilyConnection, { description: 'The families that the caller may see, newest first.' })
  async modelFamilies(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => this.families.listFamilies(tx, args));
  }

  @ResolveField(() => TrainingRunConnection, { description: 'Its training runs, in their order.' })
  trainingRuns(@Ctx() context: RequestContext, @Parent() family: ModelFamilyType, @Args() args: ConnectionArgs) {
    const read = (ids: readonly string[]) =>
      this.database.read(context.scope, (tx) => this.families.listRunsOfFamilies(tx, ids, args));
    return context.batched('family.trainingRuns', args, read).load(family.id);
  }

  @ResolveField(() => [RecipeType], { description: 'What is recommended now, one recipe per method.' })
  recipes(@Ctx() context: RequestContext, @Parent() family: ModelFamilyType): Promise<Recipe[]> {
    const read = (ids: readonly string[]) =>
      this.database.read(context.scope, (tx) => this.recipeService.recommended(tx, ids));
    return context.batched('family.recipes', {}, read).load(family.id);
  }
}

@Resolver(() => TrainingRunType)
export class TrainingRunResolver {
  constructor(
    private readonly database: Database,
    private readonly families: FamilyService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('run', 'TrainingRun')
  loadRuns(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: READ,
      find: (tx) => this.families.findRuns(tx, ids),
    });
  }

  @Query(() => TrainingRunConnection, { description: 'The training runs that the caller may see, in their order.' })
  async trainingRuns(@Ctx() context: RequestContext, @Args() args: TrainingRunsArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => this.families.listRuns(tx, args, args));
  }

  @ResolveField(() => CheckpointConnection, { description: 'Its checkpoints, by step.' })
  checkpoints(@Ctx() context: RequestContext, @Parent() run: TrainingRunType, @Args() args: ConnectionArgs) {
    const read = (ids: readonly string[]) =>
      this.database.read(context.scope, (tx) => listCheckpointsOfRuns(tx, ids, args));
    return context.batched('trainingRun.checkpoints', args, read).load(run.id);
  }
}
