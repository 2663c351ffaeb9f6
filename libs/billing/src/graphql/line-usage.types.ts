import { ArgsType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { BigIntScalar, connectionOf } from '#platform/graphql';

@ObjectType('InvoiceLineUsage', { description: 'What one request or job adds to the quantity of a line.' })
export class InvoiceLineUsageType {
  @Field(() => ID, { description: 'Of the usage event: `node(id)` tells the rest.' }) id!: string;
  @Field({ description: 'When it was let in; its prices are those of this moment.' }) admittedAt!: Date;
  @Field({ description: 'When its end came on record: which invoice it is on follows from this.' }) finalAt!: Date;
  @Field(() => BigIntScalar, { description: "In units of the line's meter, above zero." }) quantity!: bigint;
}
export const { Connection: InvoiceLineUsageConnection } = connectionOf(InvoiceLineUsageType, 'InvoiceLineUsage');

@ArgsType()
export class InvoiceLineUsageArgs {
  @Field(() => ID, { description: 'The invoice, which is final.' }) invoiceId!: string;
  @Field(() => ID, { description: 'Its line, as `Invoice.lines` has it.' }) lineId!: string;
  @Field(() => Int, { nullable: true, description: 'How many from the start, or after `after`: at most 100, or 20.' })
  first?: number;
  @Field(() => String, { nullable: true, description: 'Begin after this cursor.' }) after?: string;
}
