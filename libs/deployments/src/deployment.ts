import type { DeploymentState } from './deployment.state.js';

/** A stable name in a project under which one revision at a time answers. */
export interface Deployment {
  id: string;
  projectId: string;
  slug: string;
  /** `<project slug>/<slug>`: what callers give as `model`. */
  name: string;
  status: DeploymentState;
  activeRevisionId: string;
  /** When the active revision began to answer. */
  activatedAt: Date;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
}

/** Which checkpoint a deployment answers with. Never changed: another checkpoint is another revision. */
export interface DeploymentRevision {
  id: string;
  projectId: string;
  deploymentId: string;
  /** 1, 2, 3 within the deployment. */
  number: number;
  checkpointId: string;
  checkpointName: string;
  familyId: string;
  baseCheckpointId: string;
  /** The checkpoint, when it is an adapter on the base. */
  adapterCheckpointId: string | null;
  /** What it is served with: as frozen in the checkpoint. */
  tokenizerSha256: string;
  templateSha256: string | null;
  contextLength: number;
  /** By whose leave; null for the lab's own. */
  entitlementId: string | null;
  entitlementClause: string | null;
  createdBy: string;
  createdAt: Date;
}

export type ActivationReason = 'created' | 'deployed' | 'activated' | 'rolled_back';

/** Part of every deployment's name, and of a URL. */
export const DEPLOYMENT_SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Bounds what the gateway keeps in memory. */
export const DEPLOYMENTS_PER_PROJECT = 200;
