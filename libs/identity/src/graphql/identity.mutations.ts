import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { DomainError } from '#libs/kernel';
import { Database } from '#platform/database';
import { Ctx, MutationRunner, type RequestContext, ShownOnce } from '#platform/graphql';
import { AccountService } from '../account.service.js';
import { ApiKeyService } from '../api-key.service.js';
import { IDENTITY_ERRORS } from '../identity.errors.js';
import { KeyedHashes } from '../identity.options.js';
import { MembershipService } from '../membership.service.js';
import { OrganizationService } from '../organization.service.js';
import { ProjectService } from '../project.service.js';
import { ServiceAccountService } from '../service-account.service.js';
import { SignInService } from '../sign-in.service.js';
import {
  AddMemberInput,
  ChangeMemberRoleInput,
  ChangePasswordInput,
  ChangePasswordPayload,
  CreateApiKeyInput,
  CreateApiKeyPayload,
  CreatePartnerOrganizationInput,
  CreatePartnerOrganizationPayload,
  CreateProjectInput,
  CreateServiceAccountInput,
  MemberInput,
  MemberPasswordPayload,
  MemberPayload,
  ProjectPayload,
  RemoveMemberPayload,
  RemoveServiceAccountInput,
  RemoveServiceAccountPayload,
  RevokeApiKeyInput,
  RevokeApiKeyPayload,
  ServiceAccountPayload,
} from './identity.inputs.js';

@Resolver()
export class IdentityMutations {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly hashes: KeyedHashes,
    private readonly organizations: OrganizationService,
    private readonly projects: ProjectService,
    private readonly memberships: MembershipService,
    private readonly serviceAccounts: ServiceAccountService,
    private readonly apiKeys: ApiKeyService,
    private readonly accounts: AccountService,
    private readonly signIns: SignInService,
  ) {}

  @Mutation(() => CreatePartnerOrganizationPayload, {
    description: 'Founds a partner organization with its first administrator. For the lab.',
  })
  createPartnerOrganization(@Ctx() context: RequestContext, @Args('input') input: CreatePartnerOrganizationInput) {
    const options = {
      name: 'createPartnerOrganization',
      permission: 'organization:write',
      input: this.sealed(input, ['administratorPassword']),
    };
    return this.mutations.run(context, options, async (tx) => {
      const { organizationId, initialPassword } = await this.organizations.found(tx, {
        kind: 'partner',
        name: input.name,
        slug: input.slug,
        administrator: {
          email: input.administratorEmail,
          displayName: input.administratorName,
          password: input.administratorPassword ?? undefined,
        },
      });
      return { organization: organizationId, initialPassword: new ShownOnce(initialPassword) };
    });
  }

  @Mutation(() => ProjectPayload, { description: 'Makes a project in the own organization.' })
  createProject(@Ctx() context: RequestContext, @Args('input') input: CreateProjectInput) {
    const options = { name: 'createProject', permission: 'projects:write', input };
    return this.mutations.run(context, options, async (tx) => ({ project: await this.projects.create(tx, input) }));
  }

  @Mutation(() => MemberPasswordPayload, { description: 'Adds a person to the own organization.' })
  addMember(@Ctx() context: RequestContext, @Args('input') input: AddMemberInput) {
    const options = { name: 'addMember', permission: 'members:write', input: this.sealed(input, ['password']) };
    return this.mutations.run(context, options, async (tx) => {
      const { email, displayName, role } = input;
      const projectIds = input.projectIds ?? [];
      const member = { email, displayName, role, projectIds, password: input.password ?? undefined };
      const { memberId, initialPassword } = await this.memberships.add(tx, context.principal, member);
      return { member: memberId, initialPassword: new ShownOnce(initialPassword) };
    });
  }

  @Mutation(() => MemberPayload, {
    description: "Changes a member's role, and their projects if given. It holds from their next call on.",
  })
  changeMemberRole(@Ctx() context: RequestContext, @Args('input') input: ChangeMemberRoleInput) {
    const options = { name: 'changeMemberRole', permission: 'members:write', input };
    return this.mutations.run(context, options, async (tx) => {
      const { memberId, role } = input;
      await this.memberships.changeRole(tx, context.principal, {
        memberId,
        role,
        projectIds: input.projectIds ?? undefined,
      });
      return { member: memberId };
    });
  }

  @Mutation(() => RemoveMemberPayload, {
    description: 'Removes a member: their sessions and keys end at once, what they made stays.',
  })
  removeMember(@Ctx() context: RequestContext, @Args('input') input: MemberInput) {
    const options = { name: 'removeMember', permission: 'members:write', input };
    return this.mutations.run(context, options, async (tx) => {
      await this.memberships.remove(tx, context.principal, input.memberId);
      return { removedMemberId: input.memberId };
    });
  }

  @Mutation(() => MemberPasswordPayload, {
    description: 'Gives a member a new initial password, for who lost theirs. Their sessions end.',
  })
  resetMemberPassword(@Ctx() context: RequestContext, @Args('input') input: MemberInput) {
    const options = { name: 'resetMemberPassword', permission: 'members:write', input };
    return this.mutations.run(context, options, async (tx) => {
      const { initialPassword } = await this.memberships.resetPassword(tx, context.principal, input.memberId);
      return { member: input.memberId, initialPassword: new ShownOnce(initialPassword) };
    });
  }

  @Mutation(() => ServiceAccountPayload, { description: 'Makes an account for a program.' })
  createServiceAccount(@Ctx() context: RequestContext, @Args('input') input: CreateServiceAccountInput) {
    const { name, role } = input;
    const projectId = input.projectId ?? undefined;
    const options = { name: 'createServiceAccount', permission: 'members:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => ({
      serviceAccount: await this.serviceAccounts.create(tx, context.principal, { name, role, projectId }),
    }));
  }

  @Mutation(() => RemoveServiceAccountPayload, { description: 'Removes a service account: its keys end at once.' })
  removeServiceAccount(@Ctx() context: RequestContext, @Args('input') input: RemoveServiceAccountInput) {
    const options = { name: 'removeServiceAccount', permission: 'members:write', input };
    return this.mutations.run(context, options, async (tx) => {
      await this.serviceAccounts.remove(tx, context.principal, input.serviceAccountId);
      return { removedServiceAccountId: input.serviceAccountId };
    });
  }

  @Mutation(() => CreateApiKeyPayload, {
    description: 'Makes an API key for the caller or a service account. Only people make keys, not keys.',
  })
  createApiKey(@Ctx() context: RequestContext, @Args('input') input: CreateApiKeyInput) {
    const projectId = input.projectId ?? undefined;
    const options = { name: 'createApiKey', permission: 'keys:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      const { id, secret } = await this.apiKeys.create(tx, context.principal, {
        name: input.name,
        scopes: input.scopes,
        projectId,
        serviceAccountId: input.serviceAccountId ?? undefined,
        expiresAt: input.expiresAt ?? undefined,
        requestsPerMinute: input.requestsPerMinute ?? undefined,
        tokensPerMinute: input.tokensPerMinute ?? undefined,
      });
      return { apiKey: id, secret: new ShownOnce(secret) };
    });
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description: 'Revokes a key: it holds at once, at the gateway within a second.',
  })
  revokeApiKey(@Ctx() context: RequestContext, @Args('input') input: RevokeApiKeyInput) {
    const options = { name: 'revokeApiKey', permission: 'keys:write', input };
    return this.mutations.run(context, options, async (tx) => {
      await this.apiKeys.revoke(tx, context.principal, input.apiKeyId);
      return { apiKey: input.apiKeyId };
    });
  }

  @Mutation(() => ChangePasswordPayload, { description: "Changes the caller's password. Their other sessions end." })
  async changePassword(@Ctx() context: RequestContext, @Args('input') input: ChangePasswordInput) {
    const { principal } = context;
    const options = {
      name: 'changePassword',
      permission: 'self:write',
      input: this.sealed(input, ['currentPassword', 'newPassword']),
    };
    // Before the transaction: attempts that fail stay counted though everything else is rolled back.
    const known = await this.checkPassword(context, input.currentPassword);
    return this.mutations.run(context, options, async (tx) => {
      if (known instanceof DomainError) throw known;
      await this.accounts.changePassword(tx, {
        userId: principal.id,
        email: known.email,
        newPassword: input.newPassword,
        knownSince: known.since,
        sessionId: principal.sessionId ?? null,
      });
      return { changed: true };
    });
  }

  private async checkPassword(
    context: RequestContext,
    password: string,
  ): Promise<{ email: string; since: Date } | DomainError> {
    const { principal, scope } = context;
    try {
      if (principal.type !== 'user') return IDENTITY_ERRORS.NOT_A_USER();
      const email = await this.database.read(scope, (tx) => this.accounts.emailOf(tx, principal.id));
      const address = principal.sessionId ?? principal.id;
      const since = await this.signIns.knowsPassword({ email, password, address });
      return since ? { email, since } : IDENTITY_ERRORS.INVALID_CREDENTIALS({ path: ['currentPassword'] });
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  /** The input with fingerprints in place of passwords: what is hashed into the audit log can't be guessed back from there. */
  private sealed<Input extends object>(input: Input, passwords: ReadonlyArray<keyof Input>): Input {
    const copy: Input = Object.assign(Object.create(Object.getPrototypeOf(input)), input);
    for (const name of passwords) {
      const password = copy[name] as unknown;
      if (typeof password === 'string') copy[name] = this.hashes.passwordFingerprint(password) as Input[keyof Input];
    }
    return copy;
  }
}
