import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { BigIntScalar, NodeField, NodeType, PresignedRequestType } from '#platform/graphql';
import type { Upload } from '../upload.js';
import { DatasetType, DatasetVersionType } from './datasets.types.js';

export enum UploadStatus {
  OPEN = 'open',
  VERIFYING = 'verifying',
  COMPLETED = 'completed',
  REJECTED = 'rejected',
  ABORTED = 'aborted',
  EXPIRED = 'expired',
}
registerEnumType(UploadStatus, {
  name: 'UploadStatus',
  description: 'How far an upload is.',
  valuesMap: {
    OPEN: { description: 'It takes bytes. With a failure: what is still missing.' },
    VERIFYING: { description: 'The stored bytes are being compared with what was declared.' },
    COMPLETED: { description: 'The version is there.' },
    REJECTED: { description: 'The bytes are not what was declared: the failure says why.' },
    ABORTED: { description: 'The sender gave it up.' },
    EXPIRED: { description: 'Nobody completed it in time.' },
  },
});

export enum UploadMethod {
  SINGLE_PUT = 'single_put',
  MULTIPART = 'multipart',
  STREAM = 'stream',
  STREAM_PARTS = 'stream_parts',
}
registerEnumType(UploadMethod, {
  name: 'UploadMethod',
  description: 'How the bytes are sent.',
  valuesMap: {
    SINGLE_PUT: { description: 'By one presigned request.' },
    MULTIPART: { description: 'By a presigned request for each part, in any order, again where one failed.' },
    STREAM: { description: "Through OpenAI's files endpoint." },
    STREAM_PARTS: { description: "Through OpenAI's uploads endpoint." },
  },
});

@ObjectType('UploadPart', { description: 'A part that has arrived.' })
export class UploadPartType {
  @Field(() => Int, { description: 'From 1.' }) partNumber!: number;
  @Field(() => BigIntScalar, { description: 'Its length.' }) bytes!: number;
  @Field(() => String, { nullable: true, description: 'Hash of its bytes as declared, lower-case hex.' })
  sha256!: string | null;
}

@ObjectType('UploadPartRequest', { description: 'The request that sends one part.' })
export class UploadPartRequestType {
  @Field(() => Int, { description: 'From 1.' }) partNumber!: number;
  @Field(() => PresignedRequestType, { description: 'Send the part’s bytes with it.' }) request!: PresignedRequestType;
}

@ObjectType('UploadFailure', { description: 'Why an upload came to nothing, or what it still lacks.' })
export class UploadFailureType {
  @Field({ description: 'Stable, SCREAMING_SNAKE_CASE.' }) code!: string;
  @Field({ description: 'Why, and what to do.' }) message!: string;
}

@ObjectType('Upload', {
  implements: () => [NodeType],
  description: 'Bytes on their way from the sender to the object store, to become a dataset version.',
})
export class UploadType
  extends NodeType
  implements Omit<Upload, 'objectKey' | 'multipartId' | 'meaning' | 'createdBy'>
{
  @Field(() => ID, { description: 'The project it belongs to.' }) projectId!: string;
  @NodeField(() => DatasetType, { from: 'datasetId', description: 'The dataset that gets a version.' })
  dataset?: DatasetType | null;
  datasetId!: string | null;
  @Field(() => ID, { description: 'The id that the version will have.' }) versionId!: string;
  @NodeField(() => DatasetVersionType, { from: 'versionId', description: 'Null until the upload is completed.' })
  version?: DatasetVersionType | null;
  @Field(() => UploadMethod, { description: 'How the bytes are sent.' }) method!: Upload['method'];
  @Field({ description: 'As the sender named it.' }) filename!: string;
  @Field(() => BigIntScalar, { nullable: true, description: 'Declared length.' }) bytes!: number | null;
  @Field(() => String, { nullable: true, description: 'Declared hash of all bytes.' }) sha256!: string | null;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Length of every part but the last, of an upload in parts.',
  })
  partBytes!: number | null;
  @Field(() => UploadStatus, { description: 'How far it is.' }) status!: Upload['status'];
  @Field(() => UploadFailureType, { nullable: true, description: 'What it lacks, or why it was rejected.' })
  failure!: UploadFailureType | null;
  @Field({ description: 'When it was begun.' }) createdAt!: Date;
  @Field({ description: 'Until when it takes bytes.' }) expiresAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it ended.' }) endedAt!: Date | null;
}
