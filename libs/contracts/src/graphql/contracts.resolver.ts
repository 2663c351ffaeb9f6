import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  ConnectionArgs,
  Ctx,
  MoneyType,
  MutationRunner,
  NodeLoader,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import type { Entitlement } from '../entitlement.js';
import { isInForce } from '../entitlement.policy.js';
import { findEntitlements, listEntitlements } from '../entitlement.repository.js';
import { EntitlementService } from '../entitlement.service.js';
import { RateService } from '../rate.service.js';
import type { RateCardRecord } from '../rate-card.js';
import { findRateCards, listRateCards } from '../rate-card.repository.js';
import {
  DraftRateCardInput,
  EntitlementPayload,
  EntitlementsArgs,
  GrantEntitlementInput,
  PublishRateCardInput,
  RateCardPayload,
  RevokeEntitlementInput,
} from './contracts.inputs.js';
import {
  EntitlementConnection,
  EntitlementType,
  RateCardConnection,
  RateCardLineType,
  RateCardType,
} from './contracts.types.js';

const READ = 'catalog:read';

@Resolver()
export class ContractsResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly entitlementService: EntitlementService,
    private readonly rates: RateService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('ent', 'Entitlement')
  loadEntitlements(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: READ,
      find: (tx) => findEntitlements(tx, ids),
    });
  }

  @NodeLoader('rate', 'RateCard')
  loadRateCards(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findRateCards(tx, ids) });
  }

  @Query(() => EntitlementConnection, {
    description: 'What the own organization was granted, newest first; for the lab, what it granted to whom.',
  })
  async entitlements(@Ctx() context: RequestContext, @Args() args: EntitlementsArgs) {
    this.authorizer.authorize(context.principal, READ);
    const { organizationId, familyId } = args;
    const inForceAt = args.inForce ? this.clock.now() : undefined;
    return this.database.read(context.scope, (tx) =>
      listEntitlements(tx, { organizationId, familyId, inForceAt }, args),
    );
  }

  @Query(() => RateCardConnection, {
    description:
      'Prices, newest first: the general ones and the own ones; for the lab all that it drafted and published.',
  })
  async rateCards(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => listRateCards(tx, args));
  }

  @Mutation(() => EntitlementPayload, {
    description: 'Lets a partner use a family or a checkpoint. For the lab; needs the permission entitlements:write.',
  })
  grantEntitlement(@Ctx() context: RequestContext, @Args('input') input: GrantEntitlementInput) {
    const options = { name: 'grantEntitlement', permission: 'entitlements:write', input };
    return this.mutations.run(context, options, async (tx) => ({
      entitlement: await this.entitlementService.grant(tx, input),
    }));
  }

  @Mutation(() => EntitlementPayload, {
    description: 'Ends an entitlement at once. For the lab; needs the permission entitlements:write.',
  })
  revokeEntitlement(@Ctx() context: RequestContext, @Args('input') input: RevokeEntitlementInput) {
    const options = { name: 'revokeEntitlement', permission: 'entitlements:write', input };
    return this.mutations.run(context, options, async (tx) => {
      await this.entitlementService.revoke(tx, input);
      return { entitlement: input.entitlementId };
    });
  }

  @Mutation(() => RateCardPayload, {
    description: 'Drafts prices; they are of no effect yet. For the lab; needs the permission prices:write.',
  })
  draftRateCard(@Ctx() context: RequestContext, @Args('input') input: DraftRateCardInput) {
    const options = { name: 'draftRateCard', permission: 'prices:write', input };
    const lines = input.lines.map(({ familyId = null, checkpointId = null, ...line }) => ({
      ...line,
      familyId,
      checkpointId,
    }));
    return this.mutations.run(context, options, async (tx) => ({
      rateCard: await this.rates.draft(tx, { ...input, lines }),
    }));
  }

  @Mutation(() => RateCardPayload, {
    description: 'Puts drafted prices in force, now or later. For the lab; needs the permission prices:write.',
  })
  publishRateCard(@Ctx() context: RequestContext, @Args('input') input: PublishRateCardInput) {
    const options = { name: 'publishRateCard', permission: 'prices:write', input };
    return this.mutations.run(context, options, async (tx) => {
      await this.rates.publish(tx, input);
      return { rateCard: input.rateCardId };
    });
  }
}

@Resolver(() => EntitlementType)
export class EntitlementFields {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  @ResolveField(() => Boolean, { description: 'Whether it holds now.' })
  inForce(@Parent() entitlement: Entitlement): boolean {
    return isInForce(entitlement, this.clock.now());
  }
}

@Resolver(() => RateCardType)
export class RateCardFields {
  @ResolveField(() => [RateCardLineType], { description: 'Its prices, at most 1,000.' })
  lines(@Parent() card: RateCardRecord): RateCardLineType[] {
    return card.lines.map(({ familyId, checkpointId, priceNanos, meter, perUnits }) => {
      return { meter, perUnits, subjectId: checkpointId ?? familyId, subject: null, price: MoneyType.of(priceNanos) };
    });
  }
}
