import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Database, type Transaction } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  ConnectionArgs,
  Ctx,
  MutationRunner,
  NodeLoader,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import type { Listing, ListingImpact, ListingReview } from '../listings/listing.js';
import {
  audiencesOf,
  findListings,
  type ListingView,
  listListings,
  reviewsOf,
} from '../listings/listing.repository.js';
import { ListingService } from '../listings/listing.service.js';
import { ListingReviewService } from '../listings/listing-review.service.js';
import {
  ApproveListingInput,
  CreateListingInput,
  ListingConnection,
  ListingImpactType,
  type ListingInput,
  ListingPayload,
  ListingReviewType,
  ListingsOfStateArgs,
  ListingType,
  RejectListingInput,
  SubmitListingInput,
  TakeDownListingInput,
  TakenDownListingPayload,
  UpdateListingInput,
  WithdrawListingInput,
} from './listing.types.js';

const READ = 'catalog:read';
const WRITE = 'listings:write';
const REVIEW = 'listings:review';

@Resolver()
export class ListingQueries {
  constructor(
    private readonly database: Database,
    private readonly review: ListingReviewService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('lst', 'Listing')
  loadListings(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findListings(tx, ids) });
  }

  @Query(() => ListingConnection, {
    description:
      'What other partners offer to the own organization now, newest first. Needs the permission catalog:read.',
  })
  listings(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    return this.list(context, READ, { view: 'offered' }, args);
  }

  @Query(() => ListingConnection, {
    description:
      'What the own organization offers, offered or is about to offer, newest first. Needs the permission catalog:read.',
  })
  ownListings(@Ctx() context: RequestContext, @Args() args: ListingsOfStateArgs) {
    return this.list(context, READ, { view: 'own', state: args.state }, args);
  }

  @Query(() => ListingConnection, {
    description:
      'Listings of all partners, newest first; those that wait for a review with the state IN_REVIEW. For the lab; needs the permission listings:review.',
  })
  partnerListings(@Ctx() context: RequestContext, @Args() args: ListingsOfStateArgs) {
    return this.list(context, REVIEW, { view: 'of_lab', state: args.state }, args);
  }

  @Query(() => [ListingImpactType], {
    description:
      'What of other organizations hangs on a listing, as takeDownListing tells it. For the lab; needs the permission listings:review.',
  })
  async listingImpact(
    @Ctx() context: RequestContext,
    @Args('listingId', { type: () => ID, description: 'The listing.' }) listingId: string,
  ): Promise<ListingImpact[]> {
    this.authorizer.authorize(context.principal, REVIEW);
    return this.database.read(context.scope, (tx) => this.review.impact(tx, listingId));
  }

  private async list(
    context: RequestContext,
    permission: string,
    filter: { view: ListingView; state?: Listing['state'] },
    args: ConnectionArgs,
  ) {
    this.authorizer.authorize(context.principal, permission);
    return this.database.read(context.scope, (tx) => listListings(tx, filter, args));
  }
}

@Resolver()
export class ListingMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly publishing: ListingService,
    private readonly review: ListingReviewService,
  ) {}

  @Mutation(() => ListingPayload, {
    description:
      'Drafts a listing of an own variant; nobody else sees it yet but the lab. Refused with LISTING_VARIANT_NOT_FOUND, LISTING_PRICES_INVALID, LISTING_AUDIENCE_INVALID. For people of the partner; needs the permission listings:write.',
  })
  createListing(@Ctx() context: RequestContext, @Args('input') input: CreateListingInput) {
    const options = { name: 'createListing', permission: WRITE, input };
    return this.mutations.run(context, options, async (tx) => {
      const { idempotencyKey: _key, organizationIds = null, allowsFineTuning, ...offer } = input;
      const listing = { ...offer, organizationIds, allowsFineTuning: allowsFineTuning ?? false };
      return { listing: await this.publishing.create(tx, listing) };
    });
  }

  @Mutation(() => ListingPayload, {
    description:
      'Changes a listing that is a draft or was rejected; refused with LISTING_NOT_EDITABLE for others. For people of the partner; needs the permission listings:write.',
  })
  updateListing(@Ctx() context: RequestContext, @Args('input') input: UpdateListingInput) {
    const { idempotencyKey: _key, listingId, organizationIds, ...changed } = input;
    return this.change(context, { name: 'updateListing', permission: WRITE, input }, (tx) =>
      this.publishing.revise(tx, { listingId, organizationIds, ...given(changed) }),
    );
  }

  @Mutation(() => ListingPayload, {
    description:
      'Hands a draft to the lab. Refused with LISTING_LICENSE_FORBIDS, which names licence and version, where the licence of the base does not allow offering variants. For people of the partner; needs the permission listings:write.',
  })
  submitListing(@Ctx() context: RequestContext, @Args('input') input: SubmitListingInput) {
    return this.change(context, { name: 'submitListing', permission: WRITE, input }, (tx) =>
      this.publishing.submit(tx, input.listingId),
    );
  }

  @Mutation(() => ListingPayload, {
    description:
      'Ends a listing, whatever state it is in: nothing new begins by it from now on. For people of the partner; needs the permission listings:write.',
  })
  withdrawListing(@Ctx() context: RequestContext, @Args('input') input: WithdrawListingInput) {
    return this.change(context, { name: 'withdrawListing', permission: WRITE, input }, (tx) =>
      this.publishing.withdraw(tx, input.listingId),
    );
  }

  @Mutation(() => ListingPayload, {
    description:
      'Lists what is in review, and fixes the share of its publisher. Refused with LISTING_TERMS_CHANGED for other terms, with LISTING_LICENSE_FORBIDS, and with LISTING_CHECKPOINT_LISTED while another listing offers the variant. For people of the lab; needs the permission listings:review.',
  })
  approveListing(@Ctx() context: RequestContext, @Args('input') input: ApproveListingInput) {
    return this.change(context, { name: 'approveListing', permission: REVIEW, input }, (tx) =>
      this.review.approve(tx, input),
    );
  }

  @Mutation(() => ListingPayload, {
    description:
      'Gives what is in review back to its publisher. For people of the lab; needs the permission listings:review.',
  })
  rejectListing(@Ctx() context: RequestContext, @Args('input') input: RejectListingInput) {
    return this.change(context, { name: 'rejectListing', permission: REVIEW, input }, (tx) =>
      this.review.reject(tx, input),
    );
  }

  @Mutation(() => TakenDownListingPayload, {
    description:
      'Ends what is listed, and says who is affected: nothing new begins by it from now on. For people of the lab; needs the permission listings:review.',
  })
  takeDownListing(@Ctx() context: RequestContext, @Args('input') input: TakeDownListingInput) {
    const options = { name: 'takeDownListing', permission: REVIEW, input };
    return this.mutations.run(context, options, async (tx) => {
      const affected = await this.review.takeDown(tx, input);
      return { listing: input.listingId, affected };
    });
  }

  private change(
    context: RequestContext,
    options: { name: string; permission: string; input: ListingInput },
    work: (tx: Transaction) => Promise<void>,
  ) {
    return this.mutations.run(context, options, async (tx) => {
      await work(tx);
      return { listing: options.input.listingId };
    });
  }
}

/** What is null was left out. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as never;
}

@Resolver(() => ListingType)
export class ListingFields {
  constructor(private readonly database: Database) {}

  @ResolveField(() => [ID], {
    description: 'The organizations that it names, for its publisher and the lab; for one that is named, itself alone.',
  })
  namedOrganizationIds(@Ctx() context: RequestContext, @Parent() { id }: Listing): Promise<string[]> {
    const read = async (ids: readonly string[]) => {
      const audiences = await this.database.read(context.scope, (tx) => audiencesOf(tx, ids));
      return ids.map((listingId) => audiences.get(listingId) ?? []);
    };
    return context.batched('Listing.namedOrganizationIds', {}, read).load(id);
  }

  @ResolveField(() => [ListingReviewType], {
    description: 'What the lab decided, from the first to the last; for the publisher and the lab, else nothing.',
  })
  reviews(@Ctx() context: RequestContext, @Parent() { id }: Listing): Promise<ListingReview[]> {
    const read = async (ids: readonly string[]) => {
      const reviews = await this.database.read(context.scope, (tx) => reviewsOf(tx, ids));
      return ids.map((listingId) => reviews.get(listingId) ?? []);
    };
    return context.batched('Listing.reviews', {}, read).load(id);
  }
}
