import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Database, type Transaction } from '#platform/database';
import { ConnectionArgs, Ctx, NodeLoader, type RequestContext } from '#platform/graphql';
import { authorize } from '../authorize.js';
import { ProjectService } from '../project.service.js';
import { ApiKeysArgs } from './identity.inputs.js';
import {
  findApiKeys,
  findMembers,
  findOrganizations,
  findServiceAccounts,
  findUsers,
  inOrder,
  may,
  pageOfApiKeys,
  pageOfMembers,
  pageOfOrganizations,
  pageOfProjects,
  pageOfServiceAccounts,
  projectIdsOfMembers,
} from './identity.repository.js';
import {
  ApiKeyConnection,
  MemberConnection,
  MemberType,
  OrganizationConnection,
  OrganizationType,
  ProjectConnection,
  ProjectType,
  ServiceAccountConnection,
  ViewerType,
} from './identity.types.js';

type Reader<T> = (tx: Transaction, ids: readonly string[]) => Promise<readonly T[]>;

@Resolver()
export class IdentityResolver {
  constructor(
    private readonly database: Database,
    private readonly projectService: ProjectService,
  ) {}

  @NodeLoader('org', 'Organization')
  loadOrganizations(context: RequestContext, ids: readonly string[]) {
    const others = may(context, 'entitlements:write');
    return this.load(context, ids, (tx) => findOrganizations(tx, ids, others));
  }

  @NodeLoader('proj', 'Project')
  loadProjects(context: RequestContext, ids: readonly string[]) {
    return this.load(context, ids, (tx) => this.projectService.find(tx, ids));
  }

  /** Everybody sees themselves. */
  @NodeLoader('user', 'User')
  loadUsers(context: RequestContext, ids: readonly string[]) {
    const visible = may(context, 'members:read') ? ids : ids.filter((id) => id === context.principal.id);
    return this.load(context, ids, (tx) => findUsers(tx, visible));
  }

  @NodeLoader('mem', 'Member')
  loadMembers(context: RequestContext, ids: readonly string[]) {
    return this.load(context, ids, findMembers, 'members:read');
  }

  @NodeLoader('sa', 'ServiceAccount')
  loadServiceAccounts(context: RequestContext, ids: readonly string[]) {
    return this.load(context, ids, findServiceAccounts, 'members:read');
  }

  @NodeLoader('key', 'ApiKey')
  loadApiKeys(context: RequestContext, ids: readonly string[]) {
    return this.load(context, ids, findApiKeys, 'keys:read');
  }

  @Query(() => ViewerType, { description: 'Who calls.' })
  me(@Ctx() { principal }: RequestContext): ViewerType {
    return {
      type: principal.type,
      id: principal.id,
      userId: principal.type === 'user' ? principal.id : null,
      organizationId: principal.organizationId,
      permissions: [...principal.permissions],
      allProjects: principal.projectIds === 'all',
    } as ViewerType;
  }

  @Query(() => OrganizationType, { description: 'The own organization.' })
  organization(@Ctx() context: RequestContext) {
    return context.load(context.scope.organizationId);
  }

  @Query(() => OrganizationConnection, {
    description: 'All organizations, newest first. For the lab: needs the permission entitlements:write.',
  })
  async organizations(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    authorize(context.principal, 'entitlements:write');
    return this.database.read(context.scope, (tx) => pageOfOrganizations(tx, args));
  }

  @Query(() => ProjectConnection, { description: 'The projects that the caller reaches, newest first.' })
  projects(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    return this.database.read(context.scope, (tx) => pageOfProjects(tx, args));
  }

  @Query(() => MemberConnection, {
    description: "The organization's members, newest first. Needs the permission members:read.",
  })
  async members(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    authorize(context.principal, 'members:read');
    return this.database.read(context.scope, (tx) => pageOfMembers(tx, args));
  }

  @Query(() => ServiceAccountConnection, {
    description: "The organization's service accounts, newest first. Needs the permission members:read.",
  })
  async serviceAccounts(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    authorize(context.principal, 'members:read');
    return this.database.read(context.scope, (tx) => pageOfServiceAccounts(tx, args));
  }

  @Query(() => ApiKeyConnection, {
    description: "The caller's keys and those of the caller's projects, newest first. Needs the permission keys:read.",
  })
  async apiKeys(@Ctx() context: RequestContext, @Args() args: ApiKeysArgs) {
    authorize(context.principal, 'keys:read', { projectId: args.projectId });
    return this.database.read(context.scope, (tx) => pageOfApiKeys(tx, args));
  }

  private async load<T extends { id: string }>(
    context: RequestContext,
    ids: readonly string[],
    read: Reader<T>,
    permission?: string,
  ): Promise<Array<T | null>> {
    if (permission && !may(context, permission)) return ids.map(() => null);
    return inOrder(ids, await this.database.read(context.scope, (tx) => read(tx, ids)));
  }
}

@Resolver(() => MemberType)
export class MemberResolver {
  constructor(private readonly database: Database) {}

  @ResolveField(() => [ProjectType], {
    description: 'The projects assigned to them, of those that the caller reaches. At most 100.',
  })
  async projects(@Ctx() context: RequestContext, @Parent() member: MemberType): Promise<ProjectType[]> {
    const ids = await context
      .batched('member.projects', {}, (members) =>
        this.database.read(context.scope, (tx) => projectIdsOfMembers(tx, members)),
      )
      .load(member.id);
    const projects = await Promise.all(ids.map((id) => context.load<ProjectType>(id)));
    return projects.filter((project) => project !== null);
  }
}
