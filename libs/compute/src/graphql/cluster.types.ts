import { ArgsType, Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { OrganizationType } from '#libs/identity/graphql';
import { ConnectionArgs, connectionOf, NodeField } from '#platform/graphql';

export enum ClusterJobKind {
  PREPARE = 'prepare',
  TRAIN = 'train',
  EVALUATE = 'evaluate',
}
registerEnumType(ClusterJobKind, {
  name: 'ClusterJobKind',
  description: 'What a compute job does.',
  valuesMap: {
    PREPARE: { description: 'It checks and tokenizes data.' },
    TRAIN: { description: 'It trains a variant.' },
    EVALUATE: { description: 'It measures a checkpoint.' },
  },
});

export enum ClusterJobState {
  QUEUED = 'queued',
  STARTING = 'starting',
  RUNNING = 'running',
  PAUSING = 'pausing',
  PAUSED = 'paused',
  CANCELLING = 'cancelling',
  VERIFYING = 'verifying',
}
registerEnumType(ClusterJobState, {
  name: 'ClusterJobState',
  description: 'How far a compute job is that is not over.',
  valuesMap: {
    QUEUED: { description: 'It waits for its turn, also between two attempts.' },
    STARTING: { description: 'Its process is being started.' },
    RUNNING: { description: 'It works.' },
    PAUSING: { description: 'It saves and stops.' },
    PAUSED: { description: 'It was stopped, and waits for nobody but its owner.' },
    CANCELLING: { description: 'Its process is being ended.' },
    VERIFYING: { description: 'Its result is read back from the object store.' },
  },
});

export enum ClusterAttemptState {
  STARTING = 'starting',
  RUNNING = 'running',
  STOPPING = 'stopping',
  FENCED = 'fenced',
}
registerEnumType(ClusterAttemptState, {
  name: 'ClusterAttemptState',
  description: 'How far an attempt is whose process may be there.',
  valuesMap: {
    STARTING: { description: 'Its process is being started.' },
    RUNNING: { description: 'It was heard of.' },
    STOPPING: { description: 'It was asked to save and stop.' },
    FENCED: { description: 'Nothing it says counts any more; its process is being ended.' },
  },
});

@ObjectType({ isAbstract: true })
class ClusterWork {
  organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'Whose it is.' })
  organization?: OrganizationType | null;
  @Field(() => ID, { description: 'The project it belongs to.' }) projectId!: string;
  @Field({ description: 'Name of that project.' }) projectName!: string;
  @Field(() => ClusterJobKind, { description: 'What it does.' }) kind!: ClusterJobKind;
}

@ObjectType('ClusterJob', {
  description: 'A compute job of any organization that is not over, as far as its cluster is concerned.',
})
export class ClusterJobType extends ClusterWork {
  @Field(() => ID, { description: 'Its id.' }) id!: string;
  @Field(() => ClusterJobState, { description: 'How far it is.' }) state!: ClusterJobState;
  @Field(() => Int, { description: 'Attempts that were begun.' }) attempts!: number;
  @Field(() => Int, { description: 'Attempts that failed; one that was stopped on request is none.' })
  failures!: number;
  @Field(() => Int, { description: 'With so many failures it has failed.' }) maxAttempts!: number;
  @Field(() => GraphQLISODateTime, { description: 'Since when it waits, or waited last.' }) queuedAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When its first attempt was heard of.' })
  startedAt!: Date | null;
}

@ObjectType('ClusterProgress', { description: 'How far a job is, as it told last.' })
export class ClusterProgressType {
  @Field({ description: 'What it is at, such as `train`.' }) stage!: string;
  @Field(() => Int, { description: 'Bytes, examples or optimizer steps, by stage.' }) step!: number;
  @Field(() => Int, { description: 'Of how many.' }) totalSteps!: number;
  @Field(() => Int, { nullable: true, description: 'Seconds until its end; null while unknown.' })
  secondsLeft!: number | null;
}

@ObjectType('ClusterAttempt', { description: 'An attempt of any organization whose process may be there.' })
export class ClusterAttemptType extends ClusterWork {
  @Field(() => ID, { description: 'Its id.' }) id!: string;
  @Field(() => ID, { description: 'The job that it is an attempt of.' }) jobId!: string;
  @Field(() => Int, { description: '1, 2, 3 within the job: its fencing token.' }) number!: number;
  @Field(() => ClusterAttemptState, { description: 'How far it is.' }) state!: ClusterAttemptState;
  @Field({ description: 'What placed it, such as `local`.' }) driver!: string;
  @Field(() => GraphQLISODateTime, { description: 'When it was made.' }) createdAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was first heard of.' })
  startedAt!: Date | null;
  @Field(() => GraphQLISODateTime, { description: 'When it was last heard of, or made.' }) heardAt!: Date;
  @Field(() => GraphQLISODateTime, { description: 'If nothing is heard of it until then, it is cut off.' })
  leaseExpiresAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was asked to save and stop.' })
  stopRequestedAt!: Date | null;
  @Field(() => ClusterProgressType, { nullable: true, description: 'How far its job is; null before it told.' })
  progress!: ClusterProgressType | null;
}

@ObjectType('ClusterLoad', { description: 'Compute jobs of all organizations that are not over, in numbers.' })
export class ClusterLoadType {
  @Field(() => Int, { description: 'Those that wait for their turn.' }) waiting!: number;
  @Field(() => Int, { description: 'Those with an attempt, or whose result is read back.' }) running!: number;
  @Field(() => Int, { description: 'Those that were paused.' }) paused!: number;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Since when the longest waiting one waits.' })
  waitingSince!: Date | null;
}

export const { Connection: ClusterJobConnection } = connectionOf(ClusterJobType, 'ClusterJob');
export const { Connection: ClusterAttemptConnection } = connectionOf(ClusterAttemptType, 'ClusterAttempt');

@ArgsType()
export class ClusterJobsArgs extends ConnectionArgs {
  @Field(() => [ClusterJobState], { nullable: true, description: 'In these states only.' }) states?: ClusterJobState[];
}
