import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  Ctx,
  MutationRunner,
  NodeLoader,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import type { PublisherPayout } from '../publisher-payouts/publisher-payout.js';
import { findPayouts, listPayouts } from '../publisher-payouts/publisher-payout.repository.js';
import { PublisherPayoutService } from '../publisher-payouts/publisher-payout.service.js';
import {
  PublisherBalanceType,
  PublisherPayoutConnection,
  PublisherPayoutPayload,
  PublisherPayoutsArgs,
  PublisherPayoutType,
  RecordPublisherPayoutInput,
} from './publisher-payout.types.js';

const READ = 'invoices:read';

@Resolver()
export class PublisherPayoutQueries {
  constructor(
    private readonly database: Database,
    private readonly payouts: PublisherPayoutService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('pout', 'PublisherPayout')
  loadPayouts(context: RequestContext, ids: readonly string[]) {
    const find: Parameters<typeof readNodes>[2]['find'] = (tx) => findPayouts(tx, ids);
    return readNodes(context, ids, { database: this.database, permission: READ, find });
  }

  @Query(() => PublisherPayoutConnection, {
    description:
      'What the lab paid to publishers, the latest first: to all partners for the lab, to itself for a partner. Needs the permission invoices:read.',
  })
  async publisherPayouts(@Ctx() context: RequestContext, @Args() args: PublisherPayoutsArgs) {
    this.authorizer.authorize(context.principal, READ);
    const { organizationId } = args;
    return this.database.read(context.scope, (tx) => listPayouts(tx, { organizationId }, args));
  }

  @Query(() => [PublisherBalanceType], {
    description:
      'What publishers earned, what was paid out and what is still to be paid, by partner and currency: of all partners for the lab, of itself for a partner. Who never earned anything is left out. Needs the permission invoices:read.',
  })
  async publisherBalances(@Ctx() context: RequestContext) {
    this.authorizer.authorize(context.principal, READ);
    const balances = await this.database.read(context.scope, (tx) => this.payouts.balances(tx));
    return balances.map(({ organizationId, currency, earnedMinor, paidOutMinor, payableMinor }) => ({
      organizationId,
      earned: LedgerAmountType.of(earnedMinor, currency),
      paidOut: LedgerAmountType.of(paidOutMinor, currency),
      payable: LedgerAmountType.of(payableMinor, currency),
    }));
  }
}

@Resolver()
export class PublisherPayoutMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly payouts: PublisherPayoutService,
  ) {}

  @Mutation(() => PublisherPayoutPayload, {
    description:
      "Enters money that the lab sent to a publisher by its bank; the publisher's books show it a moment later. Refused with PAYOUT_EXCEEDS beyond what is payable, with PAYOUT_DIFFERS for another amount under the same reference. For the lab; needs the permission invoices:write.",
  })
  recordPublisherPayout(@Ctx() context: RequestContext, @Args('input') input: RecordPublisherPayoutInput) {
    const options = { name: 'recordPublisherPayout', permission: 'invoices:write', input } as const;
    return this.mutations.run(context, options, async (tx) => ({
      publisherPayout: await this.payouts.record(tx, input),
    }));
  }
}

@Resolver(() => PublisherPayoutType)
export class PublisherPayoutFields {
  @ResolveField(() => LedgerAmountType, { description: 'How much was sent.' })
  amount(@Parent() { amountMinor, currency }: PublisherPayout): LedgerAmountType {
    return LedgerAmountType.of(amountMinor, currency);
  }

  @ResolveField(() => ID, {
    nullable: true,
    description: 'Who in the lab entered it. For the lab: null for a partner.',
  })
  recordedBy(@Parent() { recordedBy }: PublisherPayout, @Ctx() { principal }: RequestContext): string | null {
    return principal.organizationKind === 'lab' ? recordedBy : null;
  }
}
