import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Length, Matches } from 'class-validator';
import { OrganizationType } from '#libs/identity/graphql';
import { ConnectionArgs, connectionOf, MutationInput, MutationPayload, NodeField, NodeType } from '#platform/graphql';

@ObjectType('License', {
  implements: () => [NodeType],
  description:
    'One version of a licence document of the lab. Checkpoints that name it as their licence stand under it. It never changes: another version takes its place from a day on.',
})
export class LicenseType extends NodeType {
  @Field({ description: 'What checkpoints name as their licence.' }) name!: string;
  @Field(() => Int, { description: 'Counts the versions of the name, from 1.' }) version!: number;
  @Field({ description: 'What it says.' }) text!: string;
  @Field({ description: 'SHA-256 of the text in UTF-8, hexadecimal: whoever accepts names it.' }) sha256!: string;
  @Field({
    description:
      'Whether an organization has to accept it before it uses a checkpoint under it: quotes, trains, resumes, evaluates, deploys, calls or downloads.',
  })
  requiresAcceptance!: boolean;
  @Field({ description: 'Whether partners may offer variants of checkpoints under it to others: see submitListing.' })
  allowsOffering!: boolean;
  @Field({ description: 'The first instant at which it holds, in place of the version before.' }) requiredFrom!: Date;
  @Field({ description: 'When it was published.' }) createdAt!: Date;
}
export const { Connection: LicenseConnection } = connectionOf(LicenseType, 'License');

@ObjectType('LicenseAcceptance', {
  implements: () => [NodeType],
  description: 'That a partner has accepted a version of a licence. It never changes.',
})
export class LicenseAcceptanceType extends NodeType {
  organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'The partner.' })
  organization!: OrganizationType | null;
  licenseId!: string;
  @NodeField(() => LicenseType, { from: 'licenseId', description: 'What was accepted.' }) license!: LicenseType | null;
  @Field({ description: 'SHA-256 of the text that was accepted.' }) sha256!: string;
  @Field(() => ID, { description: 'The user who accepted it for the partner.' }) acceptedBy!: string;
  @Field({ description: 'When.' }) acceptedAt!: Date;
}
export const { Connection: LicenseAcceptanceConnection } = connectionOf(LicenseAcceptanceType, 'LicenseAcceptance');

@ArgsType()
export class LicensesArgs extends ConnectionArgs {
  @Field({ nullable: true, description: 'Only the versions of this name.' }) name?: string;
}

@ArgsType()
export class LicenseAcceptancesArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this partner; for the lab.' }) organizationId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those of this version.' }) licenseId?: string;
}

@InputType({ description: 'The next version of a licence document; the first, if the name is new.' })
export class PublishLicenseInput extends MutationInput {
  @Field({ description: 'What checkpoints name as their licence, 1 to 200 characters.' }) @Length(1, 200) name!: string;
  @Field({ description: 'What it says, 1 to 200,000 characters.' }) @Length(1, 200_000) text!: string;
  @Field({ description: 'Whether it has to be accepted before anything under it is used.' })
  requiresAcceptance!: boolean;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether partners may offer variants of checkpoints under it to others; false if left out.',
  })
  allowsOffering?: boolean | null;
  @Field(() => Date, {
    nullable: true,
    description:
      'From when on it holds: not in the past, not before the version it follows; as early as may be if left out.',
  })
  requiredFrom?: Date | null;
}

@InputType({ description: 'Accepts a version of a licence for the own organization.' })
export class AcceptLicenseInput extends MutationInput {
  @Field(() => ID, { description: 'The version.' }) licenseId!: string;
  @Field({ description: 'SHA-256 of the text that was read, hexadecimal.' })
  @Matches(/^[0-9a-f]{64}$/)
  sha256!: string;
}

@ObjectType()
export class LicensePayload extends MutationPayload {
  @NodeField(() => LicenseType, { description: 'The version.' }) license!: string | null;
}

@ObjectType()
export class LicenseAcceptancePayload extends MutationPayload {
  @NodeField(() => LicenseAcceptanceType, { description: 'The acceptance: the first one, if it was accepted before.' })
  licenseAcceptance!: string | null;
}
