import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ContentEndType } from '#libs/contracts/graphql';
import { BigIntScalar, ConnectionArgs, connectionOf, NodeField, NodeType } from '#platform/graphql';
import type { Dataset, DatasetVersion } from '../dataset.js';

export enum ContentEncoding {
  IDENTITY = 'identity',
  GZIP = 'gzip',
}
registerEnumType(ContentEncoding, {
  name: 'ContentEncoding',
  description: 'How the bytes of a file are encoded; told by the bytes, not by the name.',
  valuesMap: { IDENTITY: { description: 'As they are.' }, GZIP: { description: 'Compressed with gzip.' } },
});

export enum DatasetVersionStatus {
  READY = 'ready',
  DELETED = 'deleted',
}
registerEnumType(DatasetVersionStatus, {
  name: 'DatasetVersionStatus',
  description: 'Whether the bytes of a version are there.',
  valuesMap: {
    READY: { description: 'They are.' },
    DELETED: { description: 'They are not: what is left says what they were.' },
  },
});

@ObjectType('Dataset', {
  implements: () => [NodeType],
  description: 'A named series of versions of training data in a project.',
})
export class DatasetType extends NodeType implements Dataset {
  @Field(() => ID, { description: 'The project it belongs to.' }) projectId!: string;
  @Field({ description: 'Unique in the project.' }) name!: string;
  @Field({ description: 'For people.' }) description!: string;
  @Field({ description: 'When it was made.' }) createdAt!: Date;
  @Field(() => ID, { description: 'Who made it: a user, service account or API key.' }) createdBy!: string;
}

@ObjectType('DatasetVersion', {
  implements: () => [NodeType],
  description:
    'Immutable bytes, verified against their hash. The id is also the file id of the OpenAI endpoints. A deleted version stays as a tombstone.',
})
export class DatasetVersionType extends NodeType implements Omit<DatasetVersion, 'objectKey' | 'purgedAt' | 'removal'> {
  @Field(() => ID, { description: 'The project it belongs to.' }) projectId!: string;
  @Field(() => ID, { nullable: true, description: 'Null for results that the platform wrote.' })
  datasetId!: string | null;
  @NodeField(() => DatasetType, { from: 'datasetId', description: 'Null for results that the platform wrote.' })
  dataset?: DatasetType | null;
  @Field(() => Int, { nullable: true, description: '1, 2, 3 within the dataset.' }) number!: number | null;
  @Field({ description: 'As the sender named it.' }) filename!: string;
  @Field(() => String, { description: 'fine-tune, user_data or fine-tune-results.' })
  purpose!: DatasetVersion['purpose'];
  @Field(() => BigIntScalar, { description: 'Length as stored.' }) bytes!: number;
  @Field({ description: 'Hash of the bytes as stored, lower-case hex.' }) sha256!: string;
  @Field(() => ContentEncoding, { description: 'How the bytes are encoded.' })
  contentEncoding!: DatasetVersion['contentEncoding'];
  @Field(() => DatasetVersionStatus, { description: 'Whether the bytes are there.' }) status!: DatasetVersion['status'];
  @Field({ description: 'When it was made.' }) createdAt!: Date;
  @Field(() => ID, { description: 'Who sent it.' }) createdBy!: string;
  @Field(() => Date, { nullable: true, description: 'When it expires, as its sender set it.' }) expiresAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was deleted.' }) deletedAt!: Date | null;
  @Field(() => ID, { nullable: true, description: 'Who deleted it.' }) deletedBy!: string | null;
  @Field(() => ContentEndType, { nullable: true, description: 'Where a clause of a contract deleted it.' })
  removal?: ContentEndType | null;
}

export const { Connection: DatasetConnection } = connectionOf(DatasetType, 'Dataset');
export const { Connection: DatasetVersionConnection } = connectionOf(DatasetVersionType, 'DatasetVersion');

@ArgsType()
export class ProjectPageArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only this project; otherwise all that the caller may see.' })
  projectId?: string;
}
