import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  Ctx,
  MoneyType,
  MutationRunner,
  NodeLoader,
  NodeType,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import { type CountedCap, leftOf, type SpendCap, subjectIdOf } from '../caps/spend-cap.js';
import { findCaps, listCaps } from '../caps/spend-cap.repository.js';
import { type CapGround, SpendCapService } from '../caps/spend-cap.service.js';
import { findAlertedPercents, findAlerts, listAlerts, type SpendCapAlert } from '../caps/spend-cap-alert.js';
import { SpendCapKeeper } from '../caps/spend-cap-keeper.js';
import {
  RemoveSpendCapInput,
  SetSpendCapInput,
  SpendCapAlertConnection,
  SpendCapAlertsArgs,
  SpendCapAlertType,
  SpendCapConnection,
  SpendCapPayload,
  SpendCapsArgs,
  SpendCapType,
  SpendCapWindowType,
} from './spend-cap.types.js';

const READ = 'usage:read';
const WRITE = 'caps:write';
const USUAL_ALERT_PERCENTS = [50, 80, 100];

@Resolver()
export class SpendCapResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly caps: SpendCapService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('cap', 'SpendCap')
  loadCaps(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findCaps(tx, ids) });
  }

  @NodeLoader('calert', 'SpendCapAlert')
  loadAlerts(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findAlerts(tx, ids) });
  }

  @Query(() => SpendCapConnection, {
    description:
      'Spend caps, newest first: those of the own organization, or of all partners for the lab. Who is confined to projects sees the caps on these. Needs the permission usage:read.',
  })
  async spendCaps(@Ctx() context: RequestContext, @Args() args: SpendCapsArgs) {
    this.authorizer.authorize(context.principal, READ, { projectId: args.projectId });
    return this.database.read(context.scope, (tx) => listCaps(tx, args, args));
  }

  @Query(() => SpendCapAlertConnection, {
    description: 'Thresholds of spend caps that were reached, the latest first. Needs the permission usage:read.',
  })
  async spendCapAlerts(@Ctx() context: RequestContext, @Args() args: SpendCapAlertsArgs) {
    this.authorizer.authorize(context.principal, READ);
    const { organizationId, spendCapId: capId } = args;
    return this.database.read(context.scope, (tx) => listAlerts(tx, { organizationId, capId }, args));
  }

  @Mutation(() => SpendCapPayload, {
    description:
      "Sets a spend cap from now on. What was spent in its period before counts. Refused with SPEND_CAP_ABOVE_LAB where the lab's cap on the same is lower. For the partner, or for the lab under a contract; needs the permission caps:write.",
  })
  setSpendCap(@Ctx() context: RequestContext, @Args('input') input: SetSpendCapInput) {
    return this.mutations.run(context, { name: 'setSpendCap', permission: WRITE, input }, async (tx) => {
      const { limitNanos, currency, period } = input;
      const terms = {
        organizationId: input.organizationId ?? tx.scope.organizationId,
        projectId: input.projectId ?? null,
        apiKeyId: input.apiKeyId ?? null,
        limitNanos,
        currency,
        period,
        isHard: input.isHard ?? true,
        alertPercents: input.alertPercents ?? USUAL_ALERT_PERCENTS,
      };
      return { spendCap: await this.caps.set(tx, terms, groundOf(input)) };
    });
  }

  @Mutation(() => SpendCapPayload, {
    description:
      "Removes a cap that the own side has set; refused with SPEND_CAP_OF_LAB for the lab's. Needs the permission caps:write.",
  })
  removeSpendCap(@Ctx() context: RequestContext, @Args('input') input: RemoveSpendCapInput) {
    return this.mutations.run(context, { name: 'removeSpendCap', permission: WRITE, input }, async (tx) => {
      await this.caps.remove(tx, input.spendCapId);
      return { spendCap: input.spendCapId };
    });
  }
}

/** Null where neither is given; half of it is as good as nothing, and refused. */
function groundOf({ contractId, clause }: SetSpendCapInput): CapGround | null {
  return contractId || clause ? { contractId: contractId ?? '', clause: clause ?? '' } : null;
}

@Resolver(() => SpendCapType)
export class SpendCapFields {
  constructor(
    private readonly database: Database,
    private readonly keeper: SpendCapKeeper,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ResolveField(() => ID, {
    description: 'The project or the API key whose spending it bounds, or the organization for all of it.',
  })
  subjectId(@Parent() cap: SpendCap): string {
    return subjectIdOf(cap);
  }

  @ResolveField(() => NodeType, {
    nullable: true,
    description: 'The same; null for who may not see it, as the lab the projects of its partners.',
  })
  subject(@Parent() cap: SpendCap, @Ctx() context: RequestContext): Promise<NodeType | null> {
    return context.load<NodeType>(subjectIdOf(cap));
  }

  @ResolveField(() => MoneyType, {
    description: 'What may be spent. What is spent in another currency is not counted.',
  })
  limit(@Parent() { limitNanos, currency }: SpendCap): MoneyType {
    return MoneyType.of(limitNanos, currency);
  }

  @ResolveField(() => SpendCapWindowType, {
    description: 'What it has counted in its present window; one that was replaced or removed, in its last.',
  })
  window(@Parent() cap: SpendCap, @Ctx() context: RequestContext): Promise<SpendCapWindowType> {
    const read = (ids: readonly string[]) =>
      this.database.read(context.scope, async (tx) => {
        const measured = await this.keeper.measured(tx, await findCaps(tx, ids), this.clock.now());
        const alerted = await findAlertedPercents(tx, measured);
        const byCap = new Map(
          measured.map((counted) => [counted.cap.id, shownWindow(counted, alerted.get(counted.cap.id) ?? [])]),
        );
        return ids.map((id) => byCap.get(id)!);
      });
    return context.batched('SpendCap.window', {}, read).load(cap.id);
  }
}

function shownWindow(counted: CountedCap, alertedPercents: number[]): SpendCapWindowType {
  const { cap, window } = counted;
  const money = (nanos: bigint) => MoneyType.of(nanos, cap.currency);
  const { startsAt, endsAt, spentNanos, heldNanos } = window;
  return {
    startsAt,
    endsAt,
    spent: money(spentNanos),
    held: money(heldNanos),
    left: money(leftOf(counted)),
    alertedPercents,
  };
}

@Resolver(() => SpendCapAlertType)
export class SpendCapAlertFields {
  @ResolveField(() => MoneyType, { description: 'What was spent then.' })
  spent(@Parent() { spentNanos, currency }: SpendCapAlert): MoneyType {
    return MoneyType.of(spentNanos, currency);
  }

  @ResolveField(() => MoneyType, { description: 'What was held then for jobs under way.' })
  held(@Parent() { heldNanos, currency }: SpendCapAlert): MoneyType {
    return MoneyType.of(heldNanos, currency);
  }
}
