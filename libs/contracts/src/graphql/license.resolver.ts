import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Database, type Transaction } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  Ctx,
  MutationRunner,
  NodeLoader,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import type { License, LicenseAcceptance } from '../licenses/license.js';
import {
  acceptancesOf,
  findAcceptances,
  findLicenses,
  listAcceptances,
  listLicenses,
} from '../licenses/license.repository.js';
import { LicenseService } from '../licenses/license.service.js';
import {
  AcceptLicenseInput,
  LicenseAcceptanceConnection,
  LicenseAcceptancePayload,
  LicenseAcceptancesArgs,
  LicenseAcceptanceType,
  LicenseConnection,
  LicensePayload,
  LicensesArgs,
  LicenseType,
  PublishLicenseInput,
} from './license.types.js';

const READ = 'catalog:read';
/** Acceptances are agreements: whoever reads contracts, an auditor too, reads them. */
const READ_AGREEMENTS = 'contracts:read';

@Resolver()
export class LicenseResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly service: LicenseService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('lic', 'License')
  loadLicenses(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findLicenses(tx, ids) });
  }

  @NodeLoader('lacc', 'LicenseAcceptance')
  loadAcceptances(context: RequestContext, ids: readonly string[]) {
    const find = (tx: Transaction) => findAcceptances(tx, ids);
    return readNodes(context, ids, { database: this.database, permission: READ_AGREEMENTS, find });
  }

  @Query(() => LicenseConnection, {
    description:
      'Licence documents of the lab in all their versions, newest first: for a partner those of checkpoints that it sees, and what it has accepted. Needs the permission catalog:read.',
  })
  async licenses(@Ctx() context: RequestContext, @Args() args: LicensesArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => listLicenses(tx, args, args));
  }

  @Query(() => [LicenseType], {
    description:
      'What the own organization has to accept before it may use checkpoints that it is entitled to, by name; one version of each. Needs the permission catalog:read.',
  })
  async outstandingLicenses(@Ctx() context: RequestContext): Promise<License[]> {
    this.authorizer.authorize(context.principal, READ);
    if (context.principal.organizationKind === 'lab') return [];
    return this.database.read(context.scope, (tx) => this.service.outstanding(tx));
  }

  @Query(() => LicenseAcceptanceConnection, {
    description:
      'What the own organization has accepted, for the lab what its partners have, the latest first. Needs the permission contracts:read.',
  })
  async licenseAcceptances(@Ctx() context: RequestContext, @Args() args: LicenseAcceptancesArgs) {
    this.authorizer.authorize(context.principal, READ_AGREEMENTS);
    return this.database.read(context.scope, (tx) => listAcceptances(tx, args, args));
  }

  @Mutation(() => LicensePayload, {
    description:
      'Publishes a version of a licence document. One that requires acceptance ends new use of the checkpoints that name it, from its day on, for whoever has not accepted. Refused with LICENSE_DATE_INVALID for a past day. For the lab; needs the permission catalog:publish.',
  })
  publishLicense(@Ctx() context: RequestContext, @Args('input') input: PublishLicenseInput) {
    const options = { name: 'publishLicense', permission: 'catalog:publish', input };
    return this.mutations.run(context, options, async (tx) => ({ license: await this.service.publish(tx, input) }));
  }

  @Mutation(() => LicenseAcceptancePayload, {
    description:
      'Accepts a version of a licence for the own organization, now or ahead of its day. Refused with LICENSE_DIFFERS for another hash than that of its text, with LICENSE_SUPERSEDED where a later version holds. For people of the partner; needs the permission licenses:accept.',
  })
  acceptLicense(@Ctx() context: RequestContext, @Args('input') input: AcceptLicenseInput) {
    const options = { name: 'acceptLicense', permission: 'licenses:accept', input };
    return this.mutations.run(context, options, async (tx) => ({
      licenseAcceptance: await this.service.accept(tx, input),
    }));
  }
}

@Resolver(() => LicenseType)
export class LicenseFields {
  constructor(private readonly database: Database) {}

  @ResolveField(() => LicenseAcceptanceType, {
    nullable: true,
    description: 'That the own organization has accepted it; null: it has not.',
  })
  acceptance(@Ctx() context: RequestContext, @Parent() { id }: License): Promise<LicenseAcceptance | null> {
    const read = (ids: readonly string[]) =>
      this.database.read(context.scope, async (tx) => {
        const acceptances = await acceptancesOf(tx, ids);
        return ids.map((licenseId) => acceptances.find((acceptance) => acceptance.licenseId === licenseId) ?? null);
      });
    return context.batched('License.acceptance', {}, read).load(id);
  }
}
