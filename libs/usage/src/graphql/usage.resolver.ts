import { Args, Query, Resolver } from '@nestjs/graphql';
import { authorize } from '#libs/identity';
import { Database } from '#platform/database';
import { type Connection, Ctx, MoneyType, NodeLoader, type RequestContext } from '#platform/graphql';
import { type UsageSummary, UsageSummaryService } from '../usage-summary.service.js';
import { findUsageEvents, pageOfUsageEvents } from './usage.repository.js';
import {
  UsageDimension,
  UsageEventConnection,
  UsageEventsArgs,
  type UsageEventType,
  UsageSummaryArgs,
  UsageSummaryType,
} from './usage.types.js';

const USUAL_DIMENSIONS = [UsageDimension.PROJECT, UsageDimension.MODEL, UsageDimension.DAY];

@Resolver()
export class UsageResolver {
  constructor(
    private readonly database: Database,
    private readonly summaries: UsageSummaryService,
  ) {}

  @NodeLoader('use', 'UsageEvent')
  async loadUsageEvents(context: RequestContext, ids: readonly string[]): Promise<Array<UsageEventType | null>> {
    if (!context.principal.permissions.has('usage:read')) return ids.map(() => null);
    const found = await this.database.read(context.scope, (tx) => findUsageEvents(tx, ids));
    const byId = new Map(found.map((event) => [event.id, event]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  @Query(() => UsageEventConnection, {
    description: 'Requests and jobs with what they used, newest first. Needs the permission usage:read.',
  })
  usageEvents(@Ctx() context: RequestContext, @Args() args: UsageEventsArgs): Promise<Connection<UsageEventType>> {
    authorize(context.principal, 'usage:read', { projectId: args.projectId });
    return this.database.read(context.scope, (tx) => pageOfUsageEvents(tx, args));
  }

  @Query(() => UsageSummaryType, {
    description: 'What was used and what it costs. Needs the permission usage:read.',
  })
  async usageSummary(@Ctx() context: RequestContext, @Args() args: UsageSummaryArgs): Promise<UsageSummaryType> {
    authorize(context.principal, 'usage:read', { projectId: args.projectId });
    const query = { ...args, groupBy: args.groupBy ?? USUAL_DIMENSIONS };
    return presented(await this.database.read(context.scope, (tx) => this.summaries.summarize(tx, query)));
  }
}

function presented({ rows, totalNanos, currency, ...rest }: UsageSummary): UsageSummaryType {
  return {
    ...rest,
    total: MoneyType.of(totalNanos, currency),
    rows: rows.map(({ costNanos, ...row }) => ({
      ...row,
      cost: costNanos === null ? null : MoneyType.of(costNanos, currency),
    })),
  } as UsageSummaryType;
}
