import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { CatalogService } from '#libs/catalog';
import { authorize } from '#libs/identity';
import { Database, type Transaction } from '#platform/database';
import { ConnectionArgs, Ctx, MutationRunner, NodeLoader, type RequestContext } from '#platform/graphql';
import type { Deployment, DeploymentRevision } from '../deployment.js';
import {
  findDeployment,
  findDeployments,
  findRevisions,
  pageOfDeployments,
  pagesOfRevisions,
} from '../deployment.repository.js';
import { DEPLOYMENT_ERRORS } from '../deployments.errors.js';
import { DeploymentsService } from '../deployments.service.js';
import { type ServingStatus, ServingStatusService } from '../serving-status.js';
import { DeploymentChanges, type Seen } from './deployment-changes.js';
import {
  ActivateRevisionInput,
  CreateDeploymentInput,
  DeploymentInput,
  DeploymentPayload,
  DeployRevisionInput,
} from './deployments.inputs.js';
import {
  DeploymentConnection,
  DeploymentPageArgs,
  DeploymentRevisionConnection,
  DeploymentRevisionType,
  DeploymentType,
  ServingStatusType,
} from './deployments.types.js';

type DeploymentEvent = { deploymentChanged: Deployment };

@Resolver(() => DeploymentType)
export class DeploymentsResolver {
  constructor(
    private readonly database: Database,
    private readonly statuses: ServingStatusService,
    private readonly catalog: CatalogService,
    private readonly changes: DeploymentChanges,
  ) {}

  @NodeLoader('dep', 'Deployment')
  async load(context: RequestContext, ids: readonly string[]): Promise<Array<Deployment | null>> {
    return inOrder(ids, await this.ifReadable(context, (tx) => findDeployments(tx, ids)));
  }

  @NodeLoader('rev', 'DeploymentRevision')
  async loadRevisions(context: RequestContext, ids: readonly string[]): Promise<Array<DeploymentRevision | null>> {
    return inOrder(ids, await this.ifReadable(context, (tx) => findRevisions(tx, ids)));
  }

  @Query(() => DeploymentConnection, {
    description: 'Deployments, newest first, without deleted ones. Needs the permission deployments:read.',
  })
  deployments(@Ctx() context: RequestContext, @Args() { projectId, ...args }: DeploymentPageArgs) {
    authorize(context.principal, 'deployments:read', { projectId });
    return this.database.read(context.scope, (tx) => pageOfDeployments(tx, projectId ?? null, args));
  }

  @Query(() => DeploymentType, {
    nullable: true,
    description:
      'A deployment by its name or id; null if there is none that the caller may see. Needs deployments:read.',
  })
  deployment(
    @Ctx() context: RequestContext,
    @Args('name', { description: 'Such as `compilers/ada-to-rust`, or an id.' }) name: string,
  ) {
    authorize(context.principal, 'deployments:read');
    return this.database.read(context.scope, (tx) => findDeployment(tx, name));
  }

  @Query(() => ServingStatusType, {
    description: 'How soon a checkpoint would answer, deployed or not. Needs the permission deployments:read.',
  })
  servingStatus(
    @Ctx() context: RequestContext,
    @Args('checkpoint', { description: 'Id or name.' }) checkpoint: string,
  ): Promise<ServingStatus> {
    authorize(context.principal, 'deployments:read');
    return this.database.read(context.scope, async (tx) => {
      const { id } = await this.catalog.getVisible(tx, checkpoint);
      const [status] = await this.statuses.of(tx, [id]);
      return status as ServingStatus;
    });
  }

  @Subscription(() => DeploymentType, {
    description:
      'A deployment now, and again whenever it is switched, paused, resumed or deleted, or how soon it would answer changes. Needs deployments:read.',
  })
  async deploymentChanged(
    @Ctx() context: RequestContext,
    @Args('deploymentId', { type: () => ID, description: 'Which deployment.' }) deploymentId: string,
  ): Promise<AsyncIterableIterator<DeploymentEvent>> {
    authorize(context.principal, 'deployments:read');
    const first = await this.seen(context, deploymentId);
    if (!first) throw DEPLOYMENT_ERRORS.DEPLOYMENT_NOT_FOUND({ deployment: deploymentId });
    return this.changes.watch(deploymentId, () => this.seen(context, deploymentId));
  }

  @ResolveField(() => DeploymentRevisionConnection, { description: 'Its revisions, newest first.' })
  revisions(@Ctx() context: RequestContext, @Parent() deployment: Deployment, @Args() args: ConnectionArgs) {
    return context
      .batched('Deployment.revisions', args, (ids) =>
        this.database.read(context.scope, (tx) => pagesOfRevisions(tx, ids, args)),
      )
      .load(deployment.id);
  }

  @ResolveField(() => ServingStatusType, {
    nullable: true,
    description: 'How soon its active revision would answer. Null for one that does not answer by its own state.',
  })
  async serving(@Ctx() context: RequestContext, @Parent() deployment: Deployment): Promise<ServingStatus | null> {
    if (deployment.status !== 'active') return null;
    const revision = await context.load<DeploymentRevision>(deployment.activeRevisionId);
    return revision && servingOf(context, revision.checkpointId, this.database, this.statuses);
  }

  private async seen(context: RequestContext, id: string): Promise<Seen<DeploymentEvent> | null> {
    // What was loaded for the event before is out of date.
    context.forget();
    const deployment = await context.load<Deployment>(id);
    if (!deployment) return null;
    const serving = await this.serving(context, deployment);
    return {
      value: { deploymentChanged: deployment },
      fingerprint: JSON.stringify([deployment, serving?.state]),
      isLast: deployment.status === 'deleted',
    };
  }

  private async ifReadable<T>(context: RequestContext, find: (tx: Transaction) => Promise<T[]>): Promise<T[]> {
    if (!context.principal.permissions.has('deployments:read')) return [];
    return this.database.read(context.scope, find);
  }
}

@Resolver(() => DeploymentRevisionType)
export class DeploymentRevisionsResolver {
  constructor(
    private readonly database: Database,
    private readonly statuses: ServingStatusService,
  ) {}

  @ResolveField(() => ServingStatusType, { description: 'How soon it would answer.' })
  serving(@Ctx() context: RequestContext, @Parent() revision: DeploymentRevision): Promise<ServingStatus> {
    return servingOf(context, revision.checkpointId, this.database, this.statuses);
  }

  @ResolveField(() => Boolean, { description: 'Whether it is the one that answers.' })
  async isActive(@Ctx() context: RequestContext, @Parent() revision: DeploymentRevision): Promise<boolean> {
    return (await context.load<Deployment>(revision.deploymentId))?.activeRevisionId === revision.id;
  }
}

@Resolver()
export class DeploymentMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly deployments: DeploymentsService,
  ) {}

  @Mutation(() => DeploymentPayload, {
    description: 'Makes a deployment with its first revision, which answers at once. Needs deployments:write.',
  })
  createDeployment(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to make.' }) input: CreateDeploymentInput,
  ) {
    const { projectId } = input;
    const options = { name: 'createDeployment', permission: 'deployments:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      const { id, activeRevisionId } = await this.deployments.create(tx, input);
      return { deployment: id, revision: activeRevisionId };
    });
  }

  @Mutation(() => DeploymentPayload, {
    description:
      'Adds a revision and switches to it, unless told not to. No request fails by a switch. Needs deployments:write.',
  })
  deployRevision(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to add.' }) input: DeployRevisionInput,
  ) {
    return this.change(context, 'deployRevision', input, (tx) =>
      this.deployments.deployRevision(tx, { ...input, activate: input.activate ?? true }),
    );
  }

  @Mutation(() => DeploymentPayload, {
    description: 'Switches to a revision that is there already. Needs deployments:write.',
  })
  activateRevision(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to switch to.' }) input: ActivateRevisionInput,
  ) {
    return this.change(context, 'activateRevision', input, async (tx) => {
      await this.deployments.activateRevision(tx, input);
      return input.revisionId;
    });
  }

  @Mutation(() => DeploymentPayload, {
    description:
      'Switches to the revision that answered before the active one; again: further back. Needs deployments:write.',
  })
  rollBackDeployment(@Ctx() context: RequestContext, @Args('input', { description: 'Which.' }) input: DeploymentInput) {
    return this.change(context, 'rollBackDeployment', input, (tx) => this.deployments.rollBack(tx, input.deploymentId));
  }

  @Mutation(() => DeploymentPayload, { description: 'Calls are refused from now on. Needs deployments:write.' })
  pauseDeployment(@Ctx() context: RequestContext, @Args('input', { description: 'Which.' }) input: DeploymentInput) {
    return this.change(context, 'pauseDeployment', input, (tx) => this.deployments.pause(tx, input.deploymentId));
  }

  @Mutation(() => DeploymentPayload, { description: 'A paused deployment answers again. Needs deployments:write.' })
  resumeDeployment(@Ctx() context: RequestContext, @Args('input', { description: 'Which.' }) input: DeploymentInput) {
    return this.change(context, 'resumeDeployment', input, (tx) => this.deployments.resume(tx, input.deploymentId));
  }

  @Mutation(() => DeploymentPayload, {
    description: 'The name stops answering and is free again. Checkpoints stay. Needs deployments:write.',
  })
  deleteDeployment(@Ctx() context: RequestContext, @Args('input', { description: 'Which.' }) input: DeploymentInput) {
    return this.change(context, 'deleteDeployment', input, (tx) => this.deployments.delete(tx, input.deploymentId));
  }

  /** `work` gives the id of the revision it added or switched to, if any. */
  private async change<Input extends DeploymentInput>(
    context: RequestContext,
    name: string,
    input: Input,
    work: (tx: Transaction) => Promise<unknown>,
  ) {
    const projectId = (await context.load<Deployment>(input.deploymentId))?.projectId;
    return this.mutations.run(context, { name, permission: 'deployments:write', projectId, input }, async (tx) => {
      return { deployment: input.deploymentId, revision: (await work(tx)) ?? null };
    });
  }
}

function servingOf(
  context: RequestContext,
  checkpointId: string,
  database: Database,
  statuses: ServingStatusService,
): Promise<ServingStatus> {
  return context
    .batched('Checkpoint.serving', {}, (ids) => database.read(context.scope, (tx) => statuses.of(tx, ids)))
    .load(checkpointId);
}

function inOrder<T extends { id: string }>(ids: readonly string[], found: readonly T[]): Array<T | null> {
  const byId = new Map(found.map((node) => [node.id, node]));
  return ids.map((id) => byId.get(id) ?? null);
}
