import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { PresignedRequestType } from '#platform/graphql';
import { ObjectStore } from '#platform/storage';
import { type InvoiceExport, keyOfExport } from '../exports/invoice-export.js';
import { InvoiceExportType } from './invoice-export.types.js';

@Resolver(() => InvoiceExportType)
export class InvoiceExportFields {
  constructor(private readonly store: ObjectStore) {}

  @ResolveField(() => PresignedRequestType, { nullable: true, description: 'Fetches the file.' })
  file(@Parent() { invoiceId, organizationId, readyAt }: InvoiceExport): Promise<PresignedRequestType> | null {
    const filename = `${invoiceId}.jsonl.gz`;
    return readyAt && this.store.presignGet(keyOfExport({ invoiceId, organizationId }), { filename });
  }
}
