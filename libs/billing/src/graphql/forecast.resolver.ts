import { Inject } from '@nestjs/common';
import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import type { Contract } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, type RequestContext } from '#platform/graphql';
import { forecastContract } from '../forecast/contract-forecast.js';
import type { Forecast } from '../forecast/forecast.js';
import { ContractForecastType } from './forecast.types.js';

@Resolver()
export class ForecastQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Query(() => ContractForecastType, {
    nullable: true,
    description:
      'What a contract comes to by its end; null before it begins, and for one that is not there. Needs the permission invoices:read.',
  })
  async contractForecast(
    @Ctx() context: RequestContext,
    @Args('contractId', { type: () => ID, description: 'The contract.' }) contractId: string,
  ): Promise<ContractForecastType | null> {
    this.authorizer.authorize(context.principal, 'invoices:read');
    const now = this.clock.now();
    const found = await this.database.read(context.scope, (tx) => forecastContract(tx, contractId, now));
    return found && shown(found.contract, found.forecast);
  }
}

function shown(
  { id: contractId, currency }: Contract,
  { observed, periods, commitments }: Forecast,
): ContractForecastType {
  const amount = (minor: bigint) => LedgerAmountType.of(minor, currency);
  const shownPart = {
    contractId,
    observedFrom: new Date(observed.from),
    asOf: new Date(observed.to),
    periods: periods.map(({ knownDueMinor, expectedDueMinor, ...period }) => ({
      ...period,
      knownDue: amount(knownDueMinor),
      expectedDue: amount(expectedDueMinor),
    })),
    expectedDue: amount(periods.reduce((sum, { expectedDueMinor }) => sum + expectedDueMinor, 0n)),
    commitments: commitments.map(({ id, amountMinor, consumedMinor, expectedMinor, ...commitment }) => ({
      ...commitment,
      commitmentId: id,
      amount: amount(amountMinor),
      consumed: amount(consumedMinor),
      expected: amount(expectedMinor),
    })),
  };
  return shownPart as ContractForecastType;
}
