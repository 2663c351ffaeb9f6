import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import type { UsagePosition } from '#libs/usage';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  type Connection,
  Ctx,
  cursorOfAnotherList,
  paginateForward,
  type RequestContext,
} from '#platform/graphql';
import { type LineUsage, readLineUsage } from '../invoices/line-usage.js';
import { InvoiceLineUsageArgs, InvoiceLineUsageConnection } from './line-usage.types.js';

@Resolver()
export class LineUsageQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @Query(() => InvoiceLineUsageConnection, {
    description:
      'The usage that a line of a final invoice is made of, in the order of admission: that of a line of usage sums to its quantity, that of an adjustment is what came late, other lines have none. Refused with INVOICE_NOT_FINALIZED before. Needs the permission invoices:read.',
  })
  async invoiceLineUsage(
    @Ctx() context: RequestContext,
    @Args() { invoiceId, lineId, ...args }: InvoiceLineUsageArgs,
  ): Promise<Connection<LineUsage>> {
    this.authorizer.authorize(context.principal, 'invoices:read');
    return this.database.read(context.scope, (tx) =>
      paginateForward({
        args,
        read: (first, place) =>
          readLineUsage(tx, { invoiceId, lineId, first, after: place ? positionOf(place) : null }),
        placeOf: ({ admittedAt, id }) => [admittedAt.toISOString(), id],
      }),
    );
  }
}

function positionOf([admittedAt = '', id]: readonly string[]): UsagePosition {
  if (id === undefined || Number.isNaN(Date.parse(admittedAt))) throw cursorOfAnotherList('after');
  return { admittedAt: new Date(admittedAt), id };
}
