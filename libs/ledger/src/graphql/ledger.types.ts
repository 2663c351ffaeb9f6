import { ArgsType, Field, GraphQLISODateTime, ID, ObjectType } from '@nestjs/graphql';
import { type Currency, formatMinor } from '#libs/kernel';
import { BigIntScalar, ConnectionArgs, CurrencyEnum, connectionOf, NodeField, NodeType } from '#platform/graphql';
import type { AccountName, AccountType, Side } from '../chart.js';
import type { PostingKind } from '../posting.js';
import { LedgerAccountName, LedgerAccountType, LedgerSide, LedgerTransactionKind } from './ledger.enums.js';

@ObjectType('LedgerAmount', { description: 'An exact amount in a currency that is billed in.' })
export class LedgerAmountType {
  @Field(() => CurrencyEnum, { description: 'ISO 4217.' }) currency!: Currency;
  @Field(() => BigIntScalar, {
    description:
      'Whole minor units of the currency: cents of USD and EUR, pence of GBP, yen of JPY, fils (thousandths) of KWD.',
  })
  minor!: bigint;
  @Field({ description: 'For people, such as "12.30 USD".' }) display!: string;

  static of(minor: bigint, currency: Currency): LedgerAmountType {
    return { currency, minor, display: formatMinor(minor, currency) };
  }
}

@ObjectType('LedgerBalance', { description: 'What entries of one account and currency come to.' })
export class LedgerBalanceType {
  @Field(() => LedgerAmountType, { description: 'All debits.' }) debits!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'All credits.' }) credits!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'Above zero on the side on which the account grows.' })
  balance!: LedgerAmountType;
}

@ObjectType('LedgerAccount', { description: "An account of the lab's books about one partner." })
export class LedgerAccountGraphqlType {
  @Field(() => LedgerAccountName, { description: 'Which.' }) name!: AccountName;
  @Field(() => LedgerAccountType, { description: 'What it is.' }) type!: AccountType;
  @Field(() => LedgerSide, { description: 'The side on which it grows.' }) normalSide!: Side;
  @Field({ description: 'What its balance says.' }) about!: string;
  @Field(() => [LedgerBalanceType], { description: 'One per currency in which it has entries.' })
  balances!: LedgerBalanceType[];
}

@ObjectType('LedgerEntry', { description: 'What a transaction does to one account.' })
export class LedgerEntryType {
  @Field(() => LedgerAccountName, { description: 'The account.' }) account!: AccountName;
  @Field(() => LedgerSide, { description: 'The side that it is on.' }) side!: Side;
  @Field(() => LedgerAmountType, { description: 'Above zero.' }) amount!: LedgerAmountType;
}

@ObjectType('LedgerLink', { description: 'What a transaction came from.' })
export class LedgerLinkType {
  @Field({ description: 'Its kind, such as `invoice`, `invoice_line` or `usage_window`.' }) type!: string;
  @Field(() => ID, { description: 'Its id.' }) id!: string;
}

@ObjectType('LedgerTransaction', {
  description: 'One thing that happened, as the books tell it. It never changes; its debits equal its credits.',
  implements: () => NodeType,
})
export class LedgerTransactionType extends NodeType {
  @Field(() => ID, { description: 'The partner that it is about.' }) organizationId!: string;
  @Field(() => BigIntScalar, { description: "Counts the partner's transactions in the order of the journal." })
  sequence!: bigint;
  @Field(() => LedgerTransactionKind, { description: 'What it records.' }) kind!: PostingKind;
  @Field({ description: 'For people.' }) description!: string;
  @Field(() => CurrencyEnum, { description: 'Of all its entries.' }) currency!: Currency;
  @Field(() => GraphQLISODateTime, { description: 'When it counts, for balances and statements.' }) effectiveAt!: Date;
  @Field(() => GraphQLISODateTime, { description: 'When it was written down.' }) recordedAt!: Date;
  @Field({ description: 'Says what it is about; recorded once.' }) sourceKey!: string;
  @Field(() => [LedgerEntryType], { description: 'At most one per account, in the order of the chart.' })
  entries!: LedgerEntryType[];
  @Field(() => [LedgerLinkType], { description: 'What it came from.' }) links!: LedgerLinkType[];
  @NodeField(() => LedgerTransactionType, {
    from: 'reversesTransactionId',
    description: 'What it takes back, if it does.',
  })
  reverses!: LedgerTransactionType | null;
  reversesTransactionId!: string | null;
  @NodeField(() => LedgerTransactionType, {
    from: 'reversedByTransactionId',
    description: 'What took it back, if something did.',
  })
  reversedBy!: LedgerTransactionType | null;
  reversedByTransactionId!: string | null;
}

@ObjectType('LedgerStatementLine', { description: 'What one transaction did to the account.' })
export class LedgerStatementLineType {
  @Field(() => GraphQLISODateTime, { description: 'When it counts.' }) effectiveAt!: Date;
  @Field(() => GraphQLISODateTime, { description: 'When it was written down.' }) recordedAt!: Date;
  @Field(() => LedgerTransactionKind, { description: 'What happened.' }) kind!: PostingKind;
  @Field({ description: 'For people.' }) description!: string;
  @Field(() => LedgerAmountType, { description: 'Above zero where it raises the balance, below where it lowers it.' })
  amount!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'The balance after it.' }) balance!: LedgerAmountType;
  @NodeField(() => LedgerTransactionType, { from: 'transactionId', description: 'All of the transaction.' })
  transaction!: LedgerTransactionType | null;
  transactionId!: string;
}

const { Connection } = connectionOf(LedgerStatementLineType, 'LedgerStatementLine');

@ObjectType('LedgerStatement', {
  description: 'What an account was, what moved it, and what it came to: a page of lines, and the ends of all of it.',
})
export class LedgerStatementType extends Connection {
  @Field(() => ID, { description: 'The partner that it is about.' }) organizationId!: string;
  @Field(() => LedgerAccountName, { description: 'The account.' }) account!: AccountName;
  @Field(() => LedgerAmountType, { description: 'The balance of what counted before `from`.' })
  opening!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'The balance of what counted before `to`.' })
  closing!: LedgerAmountType;
}

@ArgsType()
export class LedgerAccountsArgs {
  @Field(() => ID, {
    nullable: true,
    description:
      'Of this partner instead of the own organization. For the lab: others are refused as LEDGER_OF_OTHER_ORGANIZATION.',
  })
  organizationId?: string;
  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'Of what counts before this time; of all that is on record if left out.',
  })
  at?: Date;
}

@ArgsType()
export class LedgerStatementArgs extends ConnectionArgs {
  @Field(() => ID, {
    nullable: true,
    description:
      'Of this partner instead of the own organization. For the lab: others are refused as LEDGER_OF_OTHER_ORGANIZATION.',
  })
  organizationId?: string;
  @Field(() => LedgerAccountName, { description: 'Of this account.' }) account!: AccountName;
  @Field(() => CurrencyEnum, { description: 'In this currency.' }) currency!: Currency;
  @Field(() => GraphQLISODateTime, { description: 'What counts at or after this time.' }) from!: Date;
  @Field(() => GraphQLISODateTime, {
    description: 'What counts before this time; not after `from` it is refused as LEDGER_RANGE_INVALID.',
  })
  to!: Date;
}
