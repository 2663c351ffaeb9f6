import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ProjectType } from '#libs/identity/graphql';
import { ConnectionArgs, connectionOf, NodeField, NodeType } from '#platform/graphql';
import type { Deployment, DeploymentRevision } from '../deployment.js';
import type { ServingStatus } from '../serving-status.js';

export enum DeploymentStatus {
  ACTIVE = 'active',
  PAUSED = 'paused',
  DELETED = 'deleted',
}
registerEnumType(DeploymentStatus, {
  name: 'DeploymentStatus',
  description: 'Whether a deployment answers.',
  valuesMap: {
    ACTIVE: { description: 'It answers.' },
    PAUSED: { description: 'Calls are refused until it is resumed.' },
    DELETED: { description: 'It is gone for good; its name may be used again.' },
  },
});

export enum ServingState {
  READY = 'ready',
  STARTING = 'starting',
  COLD = 'cold',
  FAILED = 'failed',
}
registerEnumType(ServingState, {
  name: 'ServingState',
  description: 'How far an engine is from answering.',
  valuesMap: {
    READY: { description: 'It answers at once.' },
    STARTING: { description: 'An engine is being started, or the adapter loaded.' },
    COLD: { description: 'Nothing is loaded: the first call starts it, and is held until it answers.' },
    FAILED: { description: 'The last start failed; it is tried again by itself.' },
  },
});

@ObjectType('ServingStatus', { description: 'How soon a checkpoint would answer.' })
export class ServingStatusType implements ServingStatus {
  @Field(() => ServingState, { description: 'How far an engine is from answering.' }) state!: ServingStatus['state'];
  @Field(() => Int, {
    description:
      'Until an answer can be expected, from now on or, for what is cold, from the first call on. 0 when ready.',
  })
  secondsUntilReady!: number;
}

@ObjectType('DeploymentRevision', {
  implements: () => [NodeType],
  description: 'Which checkpoint a deployment answers with. Never changed: another checkpoint is another revision.',
})
export class DeploymentRevisionType extends NodeType implements Omit<DeploymentRevision, 'familyId'> {
  projectId!: string;
  @Field(() => ID, { description: 'The deployment it is a revision of.' }) deploymentId!: string;
  // Declared below: its type must not be looked up when this class is.
  @NodeField(() => DeploymentType, { from: 'deploymentId', description: 'The deployment it is a revision of.' })
  deployment?: object | null;
  @Field(() => Int, { description: '1, 2, 3 within the deployment.' }) number!: number;
  @Field(() => ID, { description: 'What answers.' }) checkpointId!: string;
  @Field({ description: 'The name of what answers.' }) checkpointName!: string;
  @Field(() => ID, { description: 'The base whose engine answers.' }) baseCheckpointId!: string;
  adapterCheckpointId!: string | null;
  @Field({ description: 'SHA-256 of the tokenizer it is served with: the one it was trained with.' })
  tokenizerSha256!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'SHA-256 of the chat template it is served with: the one it was trained with. Null for a base without one.',
  })
  templateSha256!: string | null;
  @Field(() => Int, { description: 'Tokens that prompt and answer may have together.' }) contextLength!: number;
  entitlementId!: string | null;
  @Field(() => String, { nullable: true, description: "The contract clause that allows it; null for the lab's own." })
  entitlementClause!: string | null;
  @Field(() => ID, { description: 'Who made it: a user, service account or API key.' }) createdBy!: string;
  @Field({ description: 'When it was made.' }) createdAt!: Date;
}

@ObjectType('Deployment', {
  implements: () => [NodeType],
  description: 'A stable name in a project under which one revision at a time answers.',
})
export class DeploymentType extends NodeType implements Deployment {
  projectId!: string;
  @NodeField(() => ProjectType, { from: 'projectId', description: 'The project it belongs to.' })
  project?: ProjectType | null;
  @Field({ description: 'Unique in the project.' }) slug!: string;
  @Field({ description: 'What to give as `model`: the project’s slug, a slash and its own.' }) name!: string;
  @Field(() => DeploymentStatus, { description: 'Whether it answers.' }) status!: Deployment['status'];
  activeRevisionId!: string;
  @NodeField(() => DeploymentRevisionType, { from: 'activeRevisionId', description: 'The revision that answers.' })
  activeRevision?: DeploymentRevisionType | null;
  @Field({ description: 'When the active revision began to answer.' }) activatedAt!: Date;
  @Field(() => ID, { description: 'Who made it: a user, service account or API key.' }) createdBy!: string;
  @Field({ description: 'When it was made.' }) createdAt!: Date;
  @Field({ description: 'When it was last switched, paused, resumed or deleted.' }) updatedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was deleted.' }) deletedAt!: Date | null;
}

export const { Connection: DeploymentConnection } = connectionOf(DeploymentType, 'Deployment');
export const { Connection: DeploymentRevisionConnection } = connectionOf(DeploymentRevisionType, 'DeploymentRevision');

@ArgsType()
export class DeploymentPageArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only this project; otherwise all that the caller may see.' })
  projectId?: string;
}
