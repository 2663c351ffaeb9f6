import { Args, Query, Resolver } from '@nestjs/graphql';
import { authorize } from '#libs/identity';
import type { Currency } from '#libs/kernel';
import { Database } from '#platform/database';
import { Ctx, MoneyType, type RequestContext } from '#platform/graphql';
import { hoursOf, marginOf, type ProgrammeLine, revenueOf } from '../programme.js';
import { ProgrammeService } from '../programme.service.js';
import { ProgrammeArgs, type ProgrammeLineType, ProgrammeType } from './programme.types.js';

@Resolver()
export class ProgrammeResolver {
  constructor(
    private readonly database: Database,
    private readonly programmes: ProgrammeService,
  ) {}

  @Query(() => ProgrammeType, {
    description:
      'Which fork points partners use, what that brings in and how long the cluster worked for it. For the lab; needs the permission programme:read.',
  })
  async programme(
    @Ctx() context: RequestContext,
    @Args() { hourCostNanos = null, ...query }: ProgrammeArgs,
  ): Promise<ProgrammeType> {
    authorize(context.principal, 'programme:read');
    const { currency, lines, total } = await this.database.read(context.scope, (tx) => this.programmes.read(tx, query));
    const shown = (line: ProgrammeLine) => shownLine(line, currency, hourCostNanos);
    return { currency, lines: lines.map(shown), total: shown(total) };
  }
}

function shownLine(line: ProgrammeLine, currency: Currency, hourCostNanos: bigint | null): ProgrammeLineType {
  const money = (nanos: bigint) => MoneyType.of(nanos, currency);
  const margin = hourCostNanos === null ? null : marginOf(line, hourCostNanos);
  const perHour = margin?.nanosPerHour ?? null;
  const { trainingNanos, evaluationNanos, inferenceNanos, storageNanos, clusterMilliseconds: _, ...counts } = line;
  const shown = {
    ...counts,
    revenue: money(revenueOf(line)),
    trainingRevenue: money(trainingNanos),
    evaluationRevenue: money(evaluationNanos),
    inferenceRevenue: money(inferenceNanos),
    storageRevenue: money(storageNanos),
    clusterHours: hoursOf(line).valueOf(),
    margin: margin && money(margin.nanos),
    marginPerHour: perHour === null ? null : money(perHour),
  };
  return shown as ProgrammeLineType;
}
