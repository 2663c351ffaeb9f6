import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { BigIntScalar, MutationInput } from '#platform/graphql';

@ObjectType('InvoiceExport', {
  description:
    'All that a final invoice was made from, in one file of gzipped JSON lines: what was agreed, the events of usage, the invoice.',
})
export class InvoiceExportType {
  invoiceId!: string;
  organizationId!: string;
  @Field({ description: 'When it was first asked for.' }) requestedAt!: Date;
  @Field(() => Date, {
    nullable: true,
    description: 'From when on it can be fetched; null while it is made, as all that follows.',
  })
  readyAt!: Date | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'The length of the file.' }) bytes!: number | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of the bytes of the file, in hex.' })
  sha256!: string | null;
}

@InputType({ description: 'Has the file made that an invoice can be rebuilt from.' })
export class ExportInvoiceInput extends MutationInput {
  @Field(() => ID, { description: 'The invoice, which is final.' }) invoiceId!: string;
}
