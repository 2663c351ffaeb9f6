import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CatalogService, type PublishedCheckpoint, RetirementService, VariantDeletionService } from '#libs/catalog';
import { RunningWork, ServiceStopService } from '#libs/contracts';
import { ProjectService } from '#libs/identity';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ActivationReason, DEPLOYMENT_SLUG, DEPLOYMENTS_PER_PROJECT, type Deployment } from './deployment.js';
import {
  activate,
  countAnswering,
  countByCheckpoint,
  countDeployments,
  findDeployment,
  findRevisions,
  holdsOfDeployments,
  insertDeployment,
  insertRevision,
  lockDeployment,
  revisionBefore,
  setState,
} from './deployment.repository.js';
import { type DeploymentState, deploymentStates } from './deployment.state.js';
import { DEPLOYMENT_ERRORS } from './deployments.errors.js';
import { assertServedAsTrained } from './served-as-trained.policy.js';

export interface CreateDeploymentInput {
  projectId: string;
  slug: string;
  /** Id or name. */
  checkpoint: string;
}

export interface DeployRevisionInput {
  deploymentId: string;
  checkpoint: string;
  /** Whether it answers from now on; else it is made ready, and `activate` switches to it. */
  activate: boolean;
}

/**
 * Names that stay while what answers under them changes. A switch is one row: the gateways' next snapshot has it, and each
 * request is answered by one revision from its first token to its last.
 */
@Injectable()
export class DeploymentsService implements OnModuleInit {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly catalog: CatalogService,
    private readonly projects: ProjectService,
    private readonly retirement: RetirementService,
    private readonly deletion: VariantDeletionService,
    private readonly stops: ServiceStopService,
    private readonly runningWork: RunningWork,
  ) {}

  onModuleInit(): void {
    this.runningWork.alsoCount(countAnswering);
    this.deletion.alsoHeldBy(holdsOfDeployments);
    this.retirement.alsoCount(async (tx, checkpointId) => {
      const counts = await countByCheckpoint(tx, checkpointId);
      return counts.map(({ organizationId, count }) => ({ organizationId, what: 'deployments', count }));
    });
  }

  async create(tx: Transaction, { projectId, slug, checkpoint }: CreateDeploymentInput): Promise<Deployment> {
    await this.projects.require(tx, projectId);
    if (!DEPLOYMENT_SLUG.test(slug)) throw DEPLOYMENT_ERRORS.DEPLOYMENT_SLUG_INVALID({ path: ['slug'] });
    if ((await countDeployments(tx, projectId)) >= DEPLOYMENTS_PER_PROJECT) {
      throw DEPLOYMENT_ERRORS.TOO_MANY_DEPLOYMENTS({ limit: DEPLOYMENTS_PER_PROJECT });
    }
    const now = this.clock.now();
    const [id, revisionId] = [newId('dep'), newId('rev')];
    const inserted = await insertDeployment(tx, {
      id,
      projectId,
      slug,
      status: deploymentStates.initial,
      activeRevisionId: revisionId,
      activatedAt: now,
      createdBy: tx.scope.actor.id,
      createdAt: now,
      updatedAt: now,
    });
    if (!inserted) throw DEPLOYMENT_ERRORS.DEPLOYMENT_SLUG_TAKEN({ slug }, { path: ['slug'] });
    await this.addRevision(tx, { id: revisionId, projectId, deploymentId: id, checkpoint });
    await activate(tx, { deploymentId: id, revisionId, reason: 'created', now });
    return this.get(tx, id);
  }

  /** By id or name; what the scope may not see does not exist. */
  async get(tx: Transaction, idOrName: string): Promise<Deployment> {
    const deployment = await findDeployment(tx, idOrName);
    if (!deployment) throw DEPLOYMENT_ERRORS.DEPLOYMENT_NOT_FOUND({ deployment: idOrName });
    return deployment;
  }

  /** Adds a revision; gives its id. */
  async deployRevision(tx: Transaction, input: DeployRevisionInput): Promise<string> {
    const { id, projectId } = await this.lock(tx, input.deploymentId);
    const revisionId = newId('rev');
    await this.addRevision(tx, { id: revisionId, projectId, deploymentId: id, checkpoint: input.checkpoint });
    if (input.activate) await this.switchTo(tx, id, revisionId, 'deployed');
    return revisionId;
  }

  async activateRevision(tx: Transaction, input: { deploymentId: string; revisionId: string }): Promise<void> {
    const { revisionId } = input;
    const deployment = await this.lock(tx, input.deploymentId);
    const [revision] = await findRevisions(tx, [revisionId]);
    if (revision?.deploymentId !== deployment.id) {
      throw DEPLOYMENT_ERRORS.REVISION_NOT_FOUND({ revisionId }, { path: ['revisionId'] });
    }
    if (deployment.activeRevisionId === revisionId) {
      throw DEPLOYMENT_ERRORS.REVISION_IS_ACTIVE({ revisionId }, { path: ['revisionId'] });
    }
    await this.assertStillEntitled(tx, revision.checkpointId);
    await this.switchTo(tx, deployment.id, revisionId, 'activated');
  }

  /** Switches to the revision that answered before the active one; gives its id. */
  async rollBack(tx: Transaction, deploymentId: string): Promise<string> {
    const deployment = await this.lock(tx, deploymentId);
    const revisionId = await revisionBefore(tx, deployment.id);
    if (!revisionId) throw DEPLOYMENT_ERRORS.NO_EARLIER_REVISION({ path: ['deploymentId'] });
    const [revision] = await findRevisions(tx, [revisionId]);
    await this.assertStillEntitled(tx, revision!.checkpointId);
    await this.switchTo(tx, deployment.id, revisionId, 'rolled_back');
    return revisionId;
  }

  pause(tx: Transaction, deploymentId: string): Promise<void> {
    return this.move(tx, deploymentId, 'paused');
  }

  async resume(tx: Transaction, deploymentId: string): Promise<void> {
    const { projectId } = await this.lock(tx, deploymentId);
    await this.stops.assertMayWork(tx, { projectId });
    return this.move(tx, deploymentId, 'active');
  }

  /** Its name is free from now on; its revisions and switches stay to be looked at. */
  delete(tx: Transaction, deploymentId: string): Promise<void> {
    return this.move(tx, deploymentId, 'deleted');
  }

  private async move(tx: Transaction, deploymentId: string, to: DeploymentState): Promise<void> {
    const { id, status } = await this.lock(tx, deploymentId);
    deploymentStates.assert(status, to);
    await setState(tx, id, to, this.clock.now());
  }

  private async addRevision(
    tx: Transaction,
    target: { id: string; projectId: string; deploymentId: string; checkpoint: string },
  ): Promise<void> {
    await this.stops.assertMayWork(tx, { projectId: target.projectId });
    const checkpoint = await this.catalog.getUsable(tx, target.checkpoint);
    const { entitlementId, clause } = await this.catalog.assertMay(tx, 'deploy', checkpoint);
    await this.assertServable(tx, checkpoint);
    await insertRevision(tx, {
      id: target.id,
      projectId: target.projectId,
      deploymentId: target.deploymentId,
      checkpointId: checkpoint.id,
      checkpointName: checkpoint.name,
      familyId: checkpoint.familyId,
      baseCheckpointId: checkpoint.baseCheckpointId,
      adapterCheckpointId: checkpoint.kind === 'adapter' ? checkpoint.id : null,
      tokenizerSha256: checkpoint.tokenizerSha256,
      templateSha256: checkpoint.templateSha256,
      contextLength: checkpoint.contextLength,
      entitlementId,
      entitlementClause: clause,
      createdBy: tx.scope.actor.id,
      createdAt: this.clock.now(),
    });
  }

  private async assertServable(tx: Transaction, checkpoint: PublishedCheckpoint): Promise<void> {
    const [problem] = await this.catalog.servability(tx, checkpoint, checkpoint.adapter ?? undefined);
    if (problem) throw problem;
    if (checkpoint.kind !== 'adapter') return;
    assertServedAsTrained(checkpoint, await this.catalog.getVisible(tx, checkpoint.baseCheckpointId));
  }

  /** What was deployed under an entitlement that has ended, or whose weights are gone, is not switched to again. */
  private async assertStillEntitled(tx: Transaction, checkpointId: string): Promise<void> {
    const checkpoint = await this.catalog.getPresent(tx, checkpointId);
    await this.catalog.assertMay(tx, 'deploy', checkpoint);
  }

  private switchTo(tx: Transaction, deploymentId: string, revisionId: string, reason: ActivationReason): Promise<void> {
    return activate(tx, { deploymentId, revisionId, reason, now: this.clock.now() });
  }

  private async lock(tx: Transaction, deploymentId: string): Promise<Deployment> {
    const deployment = await lockDeployment(tx, deploymentId);
    if (deployment) return deployment;
    throw DEPLOYMENT_ERRORS.DEPLOYMENT_NOT_FOUND({ deployment: deploymentId }, { path: ['deploymentId'] });
  }
}
