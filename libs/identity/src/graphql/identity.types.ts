import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf, NodeField, NodeType } from '#platform/graphql';
import { OrganizationKindEnum, PermissionEnum, PrincipalTypeEnum, RoleEnum } from './enums.js';

@ObjectType('Organization', {
  implements: () => [NodeType],
  description: 'A lab or a partner. Everything else belongs to one organization.',
})
export class OrganizationType extends NodeType {
  @Field(() => OrganizationKindEnum, { description: 'Lab or partner.' }) kind!: string;
  @Field({ description: 'For people to read.' }) name!: string;
  @Field({ description: 'Unique among organizations, never changed; part of the names of its variants.' })
  slug!: string;
  @Field({ description: 'When it was founded.' }) createdAt!: Date;
}
export const { Connection: OrganizationConnection } = connectionOf(OrganizationType, 'Organization');

@ObjectType('Project', {
  implements: () => [NodeType],
  description: 'A workspace of an organization: it owns data, jobs, deployments and keys.',
})
export class ProjectType extends NodeType {
  @Field({ description: 'For people to read.' }) name!: string;
  @Field({ description: 'Unique in the organization, never changed; the first part of the names of its deployments.' })
  slug!: string;
  @Field({ description: 'When it was made.' }) createdAt!: Date;
}
export const { Connection: ProjectConnection } = connectionOf(ProjectType, 'Project');

@ObjectType('User', { implements: () => [NodeType], description: 'A person with an account.' })
export class UserType extends NodeType {
  @Field({ description: 'What they sign in with.' }) email!: string;
  @Field({ description: 'What they are called.' }) displayName!: string;
  @Field({ description: 'When the account was made.' }) createdAt!: Date;
}

@ObjectType('Member', {
  implements: () => [NodeType],
  description: 'A person in the organization, with a role.',
})
export class MemberType extends NodeType {
  userId!: string;
  @NodeField(() => UserType, { from: 'userId', description: 'The person.' }) user!: UserType | null;
  @Field(() => RoleEnum, { description: 'What they may do.' }) role!: string;
  @Field({ description: 'Whether their role reaches all projects; else those in `projects`.' }) allProjects!: boolean;
  @Field({ description: 'When they were added.' }) createdAt!: Date;
}
export const { Connection: MemberConnection } = connectionOf(MemberType, 'Member');

@ObjectType('ServiceAccount', {
  implements: () => [NodeType],
  description: "A program's account: it has no password and acts by its keys.",
})
export class ServiceAccountType extends NodeType {
  @Field({ description: 'Unique in the organization.' }) name!: string;
  @Field(() => RoleEnum, { description: 'What its keys may do at most.' }) role!: string;
  projectId!: string | null;
  @NodeField(() => ProjectType, {
    from: 'projectId',
    description: 'The project it is confined to; null: all of the organization.',
  })
  project!: ProjectType | null;
  @Field({ description: 'When it was made.' }) createdAt!: Date;
}
export const { Connection: ServiceAccountConnection } = connectionOf(ServiceAccountType, 'ServiceAccount');

@ObjectType('ApiKey', {
  implements: () => [NodeType],
  description: 'A credential for programs. Its secret was shown once, when it was made.',
})
export class ApiKeyType extends NodeType {
  @Field({ description: 'For people to read.' }) name!: string;
  @Field({ description: 'How the secret begins, to tell keys apart.' }) hint!: string;
  @Field(() => [PermissionEnum], {
    description: "What it may do, as far as its owner's role allows the same at the time of the call.",
  })
  scopes!: string[];
  projectId!: string | null;
  @NodeField(() => ProjectType, {
    from: 'projectId',
    description: "The project it is confined to; null: its owner's projects.",
  })
  project!: ProjectType | null;
  userId!: string | null;
  @NodeField(() => UserType, { from: 'userId', description: 'The member it belongs to, if it is a member.' })
  user!: UserType | null;
  serviceAccountId!: string | null;
  @NodeField(() => ServiceAccountType, {
    from: 'serviceAccountId',
    description: 'The service account it belongs to, if it is one.',
  })
  serviceAccount!: ServiceAccountType | null;
  @Field(() => Int, { nullable: true, description: 'Inference requests per minute; null: no limit of its own.' })
  requestsPerMinute!: number | null;
  @Field(() => Int, { nullable: true, description: 'Inference tokens per minute; null: no limit of its own.' })
  tokensPerMinute!: number | null;
  @Field(() => Date, { nullable: true, description: 'When it ends; null: not by itself.' }) expiresAt!: Date | null;
  @Field({ description: 'When it was made.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was revoked; null: it was not.' }) revokedAt!: Date | null;
}
export const { Connection: ApiKeyConnection } = connectionOf(ApiKeyType, 'ApiKey');

@ObjectType('Viewer', { description: 'Who calls, and what they may do.' })
export class ViewerType {
  @Field(() => PrincipalTypeEnum, { description: 'What calls.' }) type!: string;
  @Field(() => ID, { description: 'The id of the user, the service account or the key.' }) id!: string;
  userId!: string | null;
  @NodeField(() => UserType, { from: 'userId', description: 'The person, if one signed in.' }) user!: UserType | null;
  organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'Whose data this call sees.' })
  organization!: OrganizationType | null;
  @Field(() => [PermissionEnum], { description: 'What the caller may do.' }) permissions!: string[];
  @Field({ description: 'Whether the caller reaches all projects of the organization; else those in `projects`.' })
  allProjects!: boolean;
}
