import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { BigIntScalar, ConnectionArgs, connectionOf, NodeType } from '#platform/graphql';

export enum AuditOutcome {
  DONE = 'done',
  REFUSED = 'refused',
}
registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'How an act ended.',
  valuesMap: {
    DONE: { description: 'It was done.' },
    REFUSED: { description: 'It was refused, and nothing changed.' },
  },
});

export enum AuditFault {
  MISSING = 'missing',
  OUT_OF_PLACE = 'out_of_place',
  CHANGED = 'changed',
}
registerEnumType(AuditFault, {
  name: 'AuditFault',
  description: 'What is wrong where a chain breaks.',
  valuesMap: {
    MISSING: { description: 'The entry with this number is not there.' },
    OUT_OF_PLACE: { description: 'The entry does not follow the one before it.' },
    CHANGED: { description: 'What the entry says is not what was recorded.' },
  },
});

@ObjectType('AuditEntry', {
  implements: () => [NodeType],
  description: 'What somebody did, or was refused. Never changed, and covered by the hash of every later entry.',
})
export class AuditEntryType extends NodeType {
  @Field(() => BigIntScalar, { description: "Counts the organization's entries from 1, without gaps." })
  sequence!: bigint;
  @Field({ description: 'When.' }) occurredAt!: Date;
  @Field({ description: 'What acted: user, service_account, api_key or system.' }) actorType!: string;
  @Field({ description: 'The id of who acted.' }) actorId!: string;
  @Field({ description: 'The mutation, or signIn and signOut.' }) action!: string;
  @Field(() => AuditOutcome, { description: 'How it ended.' }) outcome!: 'done' | 'refused';
  @Field(() => String, { nullable: true, description: 'The code of a refusal.' }) code!: string | null;
  @Field(() => [String], { description: 'The ids of what it was about.' }) targetIds!: string[];
  @Field(() => String, { nullable: true, description: 'The project it was confined to.' }) projectId!: string | null;
  @Field({ description: "The request's id, as in `x-request-id`." }) requestId!: string;
  @Field({ description: 'Hash of the input.' }) inputSha256!: string;
  @Field({ description: 'Hash of the entry before, 64 zeros for the first.' }) previousSha256!: string;
  @Field({ description: "This entry's hash, which covers all of the above." }) entrySha256!: string;
}

export const { Connection: AuditEntryConnection } = connectionOf(AuditEntryType, 'AuditEntry');

@ArgsType()
export class AuditLogArgs extends ConnectionArgs {
  @Field(() => String, { nullable: true, description: 'Only what this user, service account or key did.' })
  actorId?: string;
  @Field(() => String, { nullable: true, description: 'Only this act, such as `createApiKey`.' }) action?: string;
  @Field(() => String, { nullable: true, description: 'Only what was about the thing with this id.' })
  targetId?: string;
}

@ArgsType()
export class AuditVerificationArgs {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Begin after this entry, `headSequence` of an earlier verification; from the start if left out.',
  })
  afterSequence?: bigint;
  @Field(() => String, { nullable: true, description: 'The hash of that entry, `headSha256` of that verification.' })
  afterSha256?: string;
}

@ObjectType('AuditVerification', { description: "Whether the organization's audit log is whole." })
export class AuditVerificationType {
  @Field({ description: 'Whether all entries that were read follow one another unchanged.' }) intact!: boolean;
  @Field(() => Int, { description: 'How many were read and found in order.' }) verified!: number;
  @Field(() => BigIntScalar, { description: 'The number of the last entry in order.' }) headSequence!: bigint;
  @Field({
    description: 'Its hash. Kept elsewhere, it shows later that nothing up to it was rewritten or cut off.',
  })
  headSha256!: string;
  @Field({ description: 'Whether more entries follow: verify again after `headSequence` and `headSha256`.' })
  more!: boolean;
  @Field(() => AuditFault, { nullable: true, description: 'What is wrong with the entry after the last in order.' })
  fault!: string | null;
}
