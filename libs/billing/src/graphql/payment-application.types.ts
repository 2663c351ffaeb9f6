import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { BigIntScalar, MutationInput } from '#platform/graphql';

@ObjectType('PaymentApplication', {
  description:
    'What a partner paid beyond what was due elsewhere, or was credited after it had paid, and pays an invoice.',
})
export class PaymentApplicationType {
  @Field(() => ID, { description: 'Its id; the books name it by that.' }) id!: string;
  @Field(() => LedgerAmountType, { description: 'What was asked for.' }) amount!: LedgerAmountType;
  @Field({ description: 'When somebody of the lab asked for it.' }) requestedAt!: Date;
  @Field(() => LedgerAmountType, {
    nullable: true,
    description: 'As much of it as there was when it came into the books; null for the moment until then.',
  })
  applied!: LedgerAmountType | null;
  @Field(() => Date, { nullable: true, description: 'When it came into the books.' }) postedAt!: Date | null;
}

@InputType({ description: 'Has an invoice paid with what its partner paid beyond what was due.' })
export class ApplyUnappliedPaymentsInput extends MutationInput {
  @Field(() => ID, { description: 'The invoice to pay, which is due.' }) invoiceId!: string;
  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      "In minor units of the invoice's currency, above zero and at most what is open and `Invoice.unapplied`; left out: as much as there is.",
  })
  amountMinor?: bigint | null;
}
