import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ArrayMaxSize, ArrayMinSize, IsOptional, Length, Matches, Max, Min } from 'class-validator';
import { ConnectionArgs, MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import { PermissionEnum, RoleEnum } from './enums.js';
import { ApiKeyType, MemberType, OrganizationType, ProjectType, ServiceAccountType } from './identity.types.js';

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const SLUG_RULE = { message: 'A slug has 1 to 40 characters a-z, 0-9 and -, and neither begins nor ends with -' };
const NAME = 'For people to read, 1 to 200 characters.';
const PASSWORD =
  'At least 12 characters. If left out, an initial one is made up: it is shown once, holds for a week, and has to be changed at the first sign-in.';
const MOST_PER_MINUTE = 1_000_000_000;

@InputType({ description: 'A partner, and who administers it first.' })
export class CreatePartnerOrganizationInput extends MutationInput {
  @Field({ description: NAME }) @Length(1, 200) name!: string;
  @Field({ description: 'Unique, never changed: 1 to 40 characters a-z, 0-9 and -.' })
  @Matches(SLUG, SLUG_RULE)
  slug!: string;
  @Field({ description: 'What the first administrator signs in with.' }) administratorEmail!: string;
  @Field({ description: 'What the first administrator is called.' }) @Length(1, 200) administratorName!: string;
  @Field(() => String, { nullable: true, description: PASSWORD }) administratorPassword?: string;
}

@ObjectType()
export class CreatePartnerOrganizationPayload extends MutationPayload {
  @NodeField(() => OrganizationType, { description: 'The organization.' }) organization!: string | null;
  @Field(() => String, { nullable: true, description: 'The initial password, if one was made up. Shown only here.' })
  initialPassword!: string | null;
}

@InputType({ description: 'A workspace of the own organization.' })
export class CreateProjectInput extends MutationInput {
  @Field({ description: NAME }) @Length(1, 200) name!: string;
  @Field({ description: 'Unique in the organization, never changed: 1 to 40 characters a-z, 0-9 and -.' })
  @Matches(SLUG, SLUG_RULE)
  slug!: string;
}

@ObjectType()
export class ProjectPayload extends MutationPayload {
  @NodeField(() => ProjectType, { description: 'The project.' }) project!: string | null;
}

@InputType({ description: 'A person, their role, and the projects they work in.' })
export class AddMemberInput extends MutationInput {
  @Field({ description: 'What they sign in with.' }) email!: string;
  @Field({ description: 'What they are called, 1 to 200 characters.' }) @Length(1, 200) displayName!: string;
  @Field(() => RoleEnum, { description: 'One that you hold all permissions of.' }) role!: string;
  @Field(() => [ID], {
    nullable: true,
    description: 'The projects assigned to them, at most 100; of no effect for roles that reach all.',
  })
  @IsOptional()
  @ArrayMaxSize(100)
  projectIds?: string[];
  @Field(() => String, { nullable: true, description: PASSWORD }) password?: string;
}

@InputType({ description: 'What a member may do from now on.' })
export class ChangeMemberRoleInput extends MutationInput {
  @Field(() => ID, { description: 'The member.' }) memberId!: string;
  @Field(() => RoleEnum, { description: 'One that you hold all permissions of.' }) role!: string;
  @Field(() => [ID], {
    nullable: true,
    description: 'The projects assigned from now on, at most 100; as they are if left out.',
  })
  @IsOptional()
  @ArrayMaxSize(100)
  projectIds?: string[];
}

@InputType({ description: 'One member.' })
export class MemberInput extends MutationInput {
  @Field(() => ID, { description: 'The member.' }) memberId!: string;
}

@ObjectType()
export class MemberPayload extends MutationPayload {
  @NodeField(() => MemberType, { description: 'The member.' }) member!: string | null;
}

@ObjectType()
export class MemberPasswordPayload extends MemberPayload {
  @Field(() => String, { nullable: true, description: 'The initial password, if one was made up. Shown only here.' })
  initialPassword!: string | null;
}

@ObjectType()
export class RemoveMemberPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'Who was removed.' }) removedMemberId!: string | null;
}

@InputType({ description: "A program's account." })
export class CreateServiceAccountInput extends MutationInput {
  @Field({ description: 'Unique in the organization, 1 to 200 characters.' }) @Length(1, 200) name!: string;
  @Field(() => RoleEnum, { description: 'One that you hold all permissions of.' }) role!: string;
  @Field(() => ID, { nullable: true, description: 'Confines it to one project; to none if left out.' })
  projectId?: string;
}

@ObjectType()
export class ServiceAccountPayload extends MutationPayload {
  @NodeField(() => ServiceAccountType, { description: 'The service account.' }) serviceAccount!: string | null;
}

@InputType({ description: 'One service account.' })
export class RemoveServiceAccountInput extends MutationInput {
  @Field(() => ID, { description: 'The service account.' }) serviceAccountId!: string;
}

@ObjectType()
export class RemoveServiceAccountPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'What was removed.' }) removedServiceAccountId!: string | null;
}

@InputType({ description: 'A key for the caller or for a service account.' })
export class CreateApiKeyInput extends MutationInput {
  @Field({ description: NAME }) @Length(1, 200) name!: string;
  @Field(() => [PermissionEnum], { description: 'What it may do: of what both you and its owner may.' })
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  scopes!: string[];
  @Field(() => ID, { nullable: true, description: 'Confines it to one project; needed unless you reach all of them.' })
  projectId?: string;
  @Field(() => ID, { nullable: true, description: 'Whose key it is; yours if left out.' }) serviceAccountId?: string;
  @Field(() => Date, { nullable: true, description: 'When it ends; not by itself if left out.' }) expiresAt?: Date;
  @Field(() => Int, { nullable: true, description: 'Inference requests per minute; no limit of its own if left out.' })
  @IsOptional()
  @Min(1)
  @Max(MOST_PER_MINUTE)
  requestsPerMinute?: number;
  @Field(() => Int, { nullable: true, description: 'Inference tokens per minute; no limit of its own if left out.' })
  @IsOptional()
  @Min(1)
  @Max(MOST_PER_MINUTE)
  tokensPerMinute?: number;
}

@ObjectType()
export class CreateApiKeyPayload extends MutationPayload {
  @NodeField(() => ApiKeyType, { description: 'The key.' }) apiKey!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The key itself, fpk_...: keep it now. It is shown only here, and not when the mutation is repeated.',
  })
  secret!: string | null;
}

@InputType({ description: 'One key.' })
export class RevokeApiKeyInput extends MutationInput {
  @Field(() => ID, { description: 'The key.' }) apiKeyId!: string;
}

@ObjectType()
export class RevokeApiKeyPayload extends MutationPayload {
  @NodeField(() => ApiKeyType, { description: 'The key.' }) apiKey!: string | null;
}

@InputType({ description: 'The own password.' })
export class ChangePasswordInput extends MutationInput {
  @Field({ description: 'The one that holds now.' }) currentPassword!: string;
  @Field({ description: 'At least 12 characters.' }) newPassword!: string;
}

@ObjectType()
export class ChangePasswordPayload extends MutationPayload {
  @Field(() => Boolean, { nullable: true, description: 'True when it was changed; other sessions have ended.' })
  changed!: boolean | null;
}

@ArgsType()
export class ApiKeysArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those confined to this project.' }) projectId?: string;
  @Field({ defaultValue: false, description: 'Also those that were revoked.' }) includeRevoked!: boolean;
}
