import { Field, ID, ObjectType } from '@nestjs/graphql';
import { OrganizationType } from '#libs/identity/graphql';
import type { Currency } from '#libs/kernel';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { CurrencyEnum, NodeField } from '#platform/graphql';
import type { AgedReceivable } from '../receivables/receivables-ageing.js';

@ObjectType('AgedReceivable', {
  description: 'What is open on final invoices of one partner in one currency, by how many days it is overdue.',
})
export class AgedReceivableType {
  @Field(() => ID, { description: 'The partner.' }) organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'The partner.' })
  organization!: OrganizationType | null;
  @Field(() => CurrencyEnum, { description: 'Of all its amounts.' }) currency!: Currency;
  @Field(() => LedgerAmountType, { description: 'Payable, and not overdue.' }) notDue!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'Overdue by 1 to 30 days.' }) days1To30!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'Overdue by 31 to 60 days.' }) days31To60!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'Overdue by 61 to 90 days.' }) days61To90!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'Overdue by more than 90 days.' }) over90Days!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'All of it.' }) total!: LedgerAmountType;

  static of({ organizationId, currency, ...aged }: AgedReceivable): Omit<AgedReceivableType, 'organization'> {
    const amount = (minor: bigint) => LedgerAmountType.of(minor, currency);
    return {
      organizationId,
      currency,
      notDue: amount(aged.notDueMinor),
      days1To30: amount(aged.days1To30Minor),
      days31To60: amount(aged.days31To60Minor),
      days61To90: amount(aged.days61To90Minor),
      over90Days: amount(aged.over90DaysMinor),
      total: amount(aged.totalMinor),
    };
  }
}
