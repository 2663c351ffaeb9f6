import { Inject } from '@nestjs/common';
import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, NodeLoader, type RequestContext, readNodes } from '#platform/graphql';
import { CONTRACT_ERRORS } from '../contract/contract.errors.js';
import { type Contract, type ContractSignature, type ContractVersion, versionInForce } from '../contract/contract.js';
import { findContracts, listContracts } from '../contract/contract.repository.js';
import { findVersions, signaturesOf, versionsOfContracts } from '../contract/contract-version.repository.js';
import { documentInEffect } from '../contract/document.js';
import { lastAccepted } from '../contract/effective-date.js';
import { type RedlineChange, redline } from '../contract/redline.js';
import type { ServiceStop } from '../service-stops/service-stop.js';
import { liveStopsOf } from '../service-stops/service-stop.repository.js';
import { ContractsArgs } from './contract.inputs.js';
import {
  ContractChangeType,
  ContractConnection,
  ContractSignatureType,
  ContractSuspensionType,
  ContractType,
  ContractVersionType,
} from './contract.types.js';
import { showTerms } from './contract-terms.js';
import { ContractTermsType } from './contract-terms.types.js';

const READ = 'contracts:read';

@Resolver()
export class ContractQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('ctr', 'Contract')
  loadContracts(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findContracts(tx, ids) });
  }

  @NodeLoader('cver', 'ContractVersion')
  loadVersions(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findVersions(tx, ids) });
  }

  @Query(() => ContractConnection, {
    description:
      'Contracts, newest first: for the lab its own, for a partner those of which something was offered. Needs the permission contracts:read.',
  })
  async contracts(@Ctx() context: RequestContext, @Args() args: ContractsArgs) {
    this.authorizer.authorize(context.principal, READ);
    const { organizationId, state } = args;
    return this.database.read(context.scope, (tx) => listContracts(tx, { organizationId, state }, args));
  }
}

/** The versions of contracts, read together for all that are asked for. */
function versionsOf(context: RequestContext, database: Database, contractId: string): Promise<ContractVersion[]> {
  const read = async (ids: readonly string[]) => {
    const versions = await database.read(context.scope, (tx) => versionsOfContracts(tx, ids));
    return ids.map((id) => versions.get(id) ?? []);
  };
  return context.batched('contractVersions', {}, read).load(contractId);
}

@Resolver(() => ContractType)
export class ContractFields {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ResolveField(() => [ContractVersionType], {
    description: 'Its versions by number, at most 100: for the partner those that were offered.',
  })
  versions(@Parent() contract: Contract, @Ctx() context: RequestContext): Promise<ContractVersion[]> {
    return versionsOf(context, this.database, contract.id);
  }

  @ResolveField(() => ContractVersionType, {
    nullable: true,
    description:
      'The version whose terms hold at a time; null before the start, after the end, and without acceptance.',
  })
  async versionInForce(
    @Parent() contract: Contract,
    @Ctx() context: RequestContext,
    @Args('at', { type: () => Date, nullable: true, description: 'The time; now if left out.' }) at?: Date | null,
  ): Promise<ContractVersion | null> {
    const versions = await versionsOf(context, this.database, contract.id);
    return versionInForce(contract, versions, at ?? this.clock.now());
  }

  @ResolveField(() => ContractSuspensionType, {
    nullable: true,
    description:
      'Null unless the lab has suspended it: then new work and calls of the partner are refused, and what runs goes on.',
  })
  suspension(@Parent() contract: Contract, @Ctx() context: RequestContext): Promise<ServiceStop | null> {
    const read = async (ids: readonly string[]) => {
      const stops = await this.database.read(context.scope, (tx) => liveStopsOf(tx, ids));
      return ids.map((id) => stops.find(({ source }) => source.id === id) ?? null);
    };
    return context.batched('contractSuspensions', {}, read).load(contract.id);
  }
}

@Resolver(() => ContractVersionType)
export class ContractVersionFields {
  constructor(private readonly database: Database) {}

  @ResolveField(() => ContractTermsType, { description: 'What it says of money.' })
  terms(@Parent() version: ContractVersion): ContractTermsType {
    return showTerms(version.terms);
  }

  @ResolveField(() => [ContractSignatureType], {
    description: 'Who signed it: at most one of each side, the lab first.',
  })
  signatures(@Parent() version: ContractVersion, @Ctx() context: RequestContext): Promise<ContractSignature[]> {
    const read = async (ids: readonly string[]) => {
      const signatures = await this.database.read(context.scope, (tx) => signaturesOf(tx, ids));
      const byVersion = Map.groupBy(signatures, ({ versionId }) => versionId);
      return ids.map((id) => byVersion.get(id) ?? []);
    };
    return context.batched('contractSignatures', {}, read).load(version.id);
  }

  @ResolveField(() => [ContractChangeType], {
    description:
      'What it changes, by clause. Refused with CONTRACT_VERSION_NOT_FOUND for `against` of another contract.',
  })
  async redline(
    @Parent() version: ContractVersion,
    @Ctx() context: RequestContext,
    @Args('against', {
      type: () => ID,
      nullable: true,
      description: 'A version of the same contract; if left out the one accepted before, or nothing if there is none.',
    })
    against?: string | null,
  ): Promise<RedlineChange[]> {
    const versions = await versionsOf(context, this.database, version.contractId);
    const before = against
      ? versions.find(({ id }) => id === against)
      : lastAccepted(versions.filter(({ number }) => number < version.number));
    if (before === undefined)
      throw CONTRACT_ERRORS.CONTRACT_VERSION_NOT_FOUND({ id: against as string }, { path: ['against'] });
    return redline(before && documentInEffect(before), documentInEffect(version));
  }
}
