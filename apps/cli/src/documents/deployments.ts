import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface ServingStatus {
  state: 'COLD' | 'STARTING' | 'READY' | 'FAILED';
  secondsUntilReady: number;
}

export interface Revision {
  id: string;
  number: number;
  checkpointId: string;
  checkpointName: string;
  isActive: boolean;
  createdAt: string;
  entitlementClause: string | null;
  serving: ServingStatus;
}

export interface Deployment {
  id: string;
  name: string;
  slug: string;
  status: 'ACTIVE' | 'PAUSED' | 'DELETED';
  activatedAt: string;
  createdAt: string;
  serving: ServingStatus | null;
  activeRevision: { id: string; number: number; checkpointId: string; checkpointName: string } | null;
}

const DEPLOYMENT = `id name slug status activatedAt createdAt serving { state secondsUntilReady }
  activeRevision { id number checkpointId checkpointName }`;
const REVISION =
  'id number checkpointId checkpointName isActive createdAt entitlementClause serving { state secondsUntilReady }';
const PAYLOAD = `deployment { ${DEPLOYMENT} } revision { ${REVISION} }`;

export interface DeploymentAct {
  deployment: Deployment;
  revision: Revision | null;
}

export const DEPLOYMENTS = defineOperation<{ deployments: Connection<Deployment> }, Page & { projectId?: string }>(
  `query($first: Int, $after: String, $projectId: ID) { deployments(first: $first, after: $after, projectId: $projectId) {
    nodes { ${DEPLOYMENT} } ${PAGE_INFO} } }`,
);

export const DEPLOYMENT_BY_NAME = defineOperation<
  { deployment: (Deployment & { revisions: Connection<Revision> }) | null },
  Page & { name: string }
>(
  `query($name: String!, $first: Int, $after: String) { deployment(name: $name) {
    ${DEPLOYMENT} revisions(first: $first, after: $after) { nodes { ${REVISION} } ${PAGE_INFO} } } }`,
);

export const CREATE_DEPLOYMENT = defineMutation<DeploymentAct, { projectId: string; slug: string; checkpoint: string }>(
  'createDeployment',
  PAYLOAD,
);

export const DEPLOY_REVISION = defineMutation<
  DeploymentAct,
  { deploymentId: string; checkpoint: string; activate?: boolean }
>('deployRevision', PAYLOAD);

export const ACTIVATE_REVISION = defineMutation<DeploymentAct, { deploymentId: string; revisionId: string }>(
  'activateRevision',
  PAYLOAD,
);

const move = (field: string) =>
  defineMutation<DeploymentAct, { deploymentId: string }>(field, PAYLOAD, 'DeploymentInput');
export const ROLL_BACK = move('rollBackDeployment');
export const PAUSE_DEPLOYMENT = move('pauseDeployment');
export const RESUME_DEPLOYMENT = move('resumeDeployment');
export const DELETE_DEPLOYMENT = move('deleteDeployment');

export const DEPLOYMENT_CHANGES = defineOperation<{ deploymentChanged: Deployment }, { deploymentId: string }>(
  `subscription($deploymentId: ID!) { deploymentChanged(deploymentId: $deploymentId) { ${DEPLOYMENT} } }`,
);
