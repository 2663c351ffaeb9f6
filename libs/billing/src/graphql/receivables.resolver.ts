import { Inject } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, type RequestContext } from '#platform/graphql';
import { receivablesAgeing } from '../receivables/receivables-ageing.js';
import { AgedReceivableType } from './receivables.types.js';

@Resolver()
export class ReceivablesQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Query(() => [AgedReceivableType], {
    description:
      'What is open on final invoices now, by partner, currency and how long it is overdue: of all partners for the lab, of itself for a partner. Needs the permission invoices:read.',
  })
  async receivablesAgeing(@Ctx() context: RequestContext) {
    this.authorizer.authorize(context.principal, 'invoices:read');
    const aged = await this.database.read(context.scope, (tx) => receivablesAgeing(tx, this.clock.now()));
    return aged.map(AgedReceivableType.of);
  }
}
