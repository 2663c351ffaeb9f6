import { Inject } from '@nestjs/common';
import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, type RequestContext } from '#platform/graphql';
import { DunningService } from '../dunning/dunning.service.js';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { findInvoices } from '../invoices/invoice.repository.js';
import { ServiceStandingType } from './service-state.types.js';

@Resolver()
export class ServiceStateQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    private readonly dunning: DunningService,
  ) {}

  @Query(() => ServiceStandingType, {
    nullable: true,
    description:
      "What follows from unpaid invoices: for a partner its own standing, for the lab that of the partner it names. Null for an organization that is not the partner's own, and for the lab if it names none. Needs the permission invoices:read.",
  })
  async serviceState(
    @Ctx() context: RequestContext,
    @Args('organizationId', {
      type: () => ID,
      nullable: true,
      description: 'The partner; a partner may leave it out.',
    })
    organizationId?: string | null,
  ): Promise<(Omit<ServiceStandingType, 'invoices'> & { invoices: IssuedInvoice[] }) | null> {
    this.authorizer.authorize(context.principal, 'invoices:read');
    const { kind, organizationId: own } = context.scope;
    const about = organizationId ?? own;
    // A lab owes nothing itself, and a partner knows of nobody else.
    if ((kind === 'lab') === (about === own)) return null;
    return this.database.read(context.scope, async (tx) => {
      const { invoiceIds, ...standing } = await this.dunning.standing(tx, about);
      const invoices = await findInvoices(tx, invoiceIds);
      return { ...standing, invoices: invoiceIds.flatMap((id) => invoices.find((invoice) => invoice.id === id) ?? []) };
    });
  }
}
