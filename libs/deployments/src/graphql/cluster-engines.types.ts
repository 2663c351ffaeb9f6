import { ArgsType, Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { CheckpointType } from '#libs/catalog/graphql';
import { OrganizationType } from '#libs/identity/graphql';
import { BigIntScalar, ConnectionArgs, connectionOf, NodeField } from '#platform/graphql';

export enum ClusterEngineState {
  DESIRED = 'desired',
  STARTING = 'starting',
  READY = 'ready',
  DRAINING = 'draining',
  STOPPED = 'stopped',
  FAILED = 'failed',
}
registerEnumType(ClusterEngineState, {
  name: 'ClusterEngineState',
  description: 'How far a serving engine is in its life.',
  valuesMap: {
    DESIRED: { description: 'The files of its checkpoint are being fetched.' },
    STARTING: { description: 'Its process starts.' },
    READY: { description: 'It answers.' },
    DRAINING: { description: 'It finishes what it has and gets nothing new.' },
    STOPPED: { description: 'It was ended.' },
    FAILED: { description: 'It failed. Its successor is another engine.' },
  },
});

export enum ClusterAdapterState {
  LOADING = 'loading',
  READY = 'ready',
  DRAINING = 'draining',
  FAILED = 'failed',
}
registerEnumType(ClusterAdapterState, {
  name: 'ClusterAdapterState',
  description: 'How far an adapter is on its engine.',
  valuesMap: {
    LOADING: { description: 'It is being loaded.' },
    READY: { description: 'It answers.' },
    DRAINING: { description: 'It gets nothing new, and is unloaded.' },
    FAILED: { description: 'It could not be loaded; it is tried again.' },
  },
});

@ObjectType('ClusterAdapter', { description: 'An adapter on a serving engine.' })
export class ClusterAdapterType {
  @Field(() => ID, { description: 'The variant.' }) checkpointId!: string;
  organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'Whose variant it is.' })
  organization?: OrganizationType | null;
  @Field(() => ClusterAdapterState, { description: 'How far it is.' }) state!: ClusterAdapterState;
  @Field(() => String, { nullable: true, description: 'Why it could not be loaded.' }) lastError!: string | null;
}

@ObjectType('ClusterEngine', { description: 'A serving engine.' })
export class ClusterEngineType {
  @Field(() => ID, { description: 'Its id.' }) id!: string;
  @Field(() => ID, { description: 'The base checkpoint that it serves.' }) baseCheckpointId!: string;
  @NodeField(() => CheckpointType, { from: 'baseCheckpointId', description: 'That checkpoint.' })
  baseCheckpoint?: CheckpointType | null;
  @Field(() => Boolean, { description: 'Whether an operator runs it, instead of the pool.' }) isOperated!: boolean;
  @Field({ description: 'The machine whose worker keeps it.' }) host!: string;
  @Field(() => ClusterEngineState, { description: 'How far it is.' }) state!: ClusterEngineState;
  @Field(() => BigIntScalar, { description: 'Bytes of memory that were planned for it; 0 for one that is operated.' })
  memoryBytes!: bigint;
  @Field(() => Int, { description: 'Adapters that fit on it.' }) maxAdapters!: number;
  @Field(() => [ClusterAdapterType], { description: 'Those on it.' }) adapters!: ClusterAdapterType[];
  @Field(() => Int, { description: 'How often in a row engines of this base failed.' }) failures!: number;
  @Field(() => String, { nullable: true, description: 'What went wrong last.' }) lastError!: string | null;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Before then no other of this base is started.' })
  retryAt!: Date | null;
  @Field(() => GraphQLISODateTime, { description: 'When it was wanted.' }) createdAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it could answer.' }) readyAt!: Date | null;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ended.' }) endedAt!: Date | null;
}

@ObjectType('EngineHost', { description: 'A machine of the engine pool that was heard of in the last minute.' })
export class EngineHostType {
  @Field({ description: 'Its name.' }) name!: string;
  @Field(() => BigIntScalar, { description: 'Bytes that its engines may use together.' }) memoryBudgetBytes!: bigint;
  @Field(() => Int, { description: 'Engines that it may run.' }) maxEngines!: number;
  @Field(() => GraphQLISODateTime, { description: 'When its worker told so last.' }) observedAt!: Date;
}

@ObjectType('EnginePool', { description: 'Serving engines that are not over, against what their machines may use.' })
export class EnginePoolType {
  @Field(() => Int, { description: 'Engines that are not over.' }) engines!: number;
  @Field(() => Int, { description: 'Of them, those that answer.' }) ready!: number;
  @Field(() => BigIntScalar, { description: 'Bytes that were planned for them.' }) memoryBytes!: bigint;
  @Field(() => [EngineHostType], { description: 'The machines. None: no worker is there.' }) hosts!: EngineHostType[];
}

export const { Connection: ClusterEngineConnection } = connectionOf(ClusterEngineType, 'ClusterEngine');

@ArgsType()
export class ClusterEnginesArgs extends ConnectionArgs {
  @Field(() => Boolean, { nullable: true, description: 'True: those that are not over; false: those that are.' })
  live?: boolean;
}
