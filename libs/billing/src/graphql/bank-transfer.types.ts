import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Length } from 'class-validator';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { BigIntScalar, MutationInput } from '#platform/graphql';

@ObjectType('BankTransfer', { description: 'Money for an invoice that the lab saw on its bank account.' })
export class BankTransferType {
  @Field(() => ID, { description: 'Its id; the books name the payment by it.' }) id!: string;
  @Field({ description: 'As the bank statement names it.' }) reference!: string;
  @Field(() => LedgerAmountType, { description: 'How much came.' }) amount!: LedgerAmountType;
  @Field({ description: 'When it came.' }) receivedAt!: Date;
  @Field({ description: 'When somebody of the lab entered it.' }) recordedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it came into the books; null for the moment until then.' })
  postedAt!: Date | null;
}

@InputType({ description: 'Enters money that came by bank transfer.' })
export class RecordBankTransferInput extends MutationInput {
  @Field(() => ID, { description: 'The invoice that it pays, which is final.' }) invoiceId!: string;
  @Field({
    description: 'As the bank statement names it, 1 to 140 characters: the same one again is the same transfer.',
  })
  @Length(1, 140)
  reference!: string;
  @Field(() => BigIntScalar, {
    description: "In minor units of the invoice's currency, above zero. What is beyond what is open stays unapplied.",
  })
  amountMinor!: bigint;
  @Field({ description: 'When it came; not in the future.' }) receivedAt!: Date;
}
