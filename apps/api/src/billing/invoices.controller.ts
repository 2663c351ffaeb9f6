import { Controller, Get, Param, Req, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvoiceDocumentService, invoicePdf } from '#libs/billing';
import { type Principal, scopeOf } from '#platform/graphql';
import { Authenticated, Caller } from '../auth/authenticated.guard.js';
import { Acts } from '../openai/calls.js';

/** Invoices as files. All else about them is asked of GraphQL. */
@Controller('v1/invoices')
@Authenticated()
export class InvoicesController {
  constructor(
    private readonly documents: InvoiceDocumentService,
    private readonly acts: Acts,
  ) {}

  /** A final invoice on pages of A4: the same bytes whenever it is fetched. Needs the permission invoices:read. */
  @Get(':id/pdf')
  async pdf(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    const call = { caller, scope: scopeOf(caller), requestId: request.id };
    const act = { name: 'fetchInvoicePdf', permission: 'invoices:read', input: { id } };
    const sheet = await this.acts.run(call, act, (tx) => this.documents.sheet(tx, id));
    const bytes = await invoicePdf(sheet);
    return new StreamableFile(bytes, {
      type: 'application/pdf',
      disposition: `attachment; filename="${id}.pdf"`,
      length: bytes.byteLength,
    });
  }
}
