import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { Commitment } from '#libs/contracts';
import { CommitmentKindEnum, ContractType } from '#libs/contracts/graphql';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { NodeField } from '#platform/graphql';

@ObjectType('ForecastPeriod', { description: 'One period of a contract, as its invoice is or may come to be.' })
export class ForecastPeriodType {
  @Field(() => Int, { description: 'Which period of the contract, from 1.' }) period!: number;
  @Field({ description: 'The first instant of the period.' }) from!: Date;
  @Field({ description: 'The first instant after it.' }) to!: Date;
  @Field(() => LedgerAmountType, {
    description: 'What is due of what was used by now, with the minimums and commitments that are agreed.',
  })
  knownDue!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'What is due if usage goes on as observed.' })
  expectedDue!: LedgerAmountType;
}

@ObjectType('ForecastCommitment', { description: 'What a commitment comes to.' })
export class ForecastCommitmentType {
  @Field(() => String, { description: 'By its id in the contract.' }) commitmentId!: string;
  @Field(() => CommitmentKindEnum, { description: 'How it is paid.' }) kind!: Commitment['kind'];
  @Field({ description: 'Its end.' }) to!: Date;
  @Field(() => LedgerAmountType, { description: 'What is committed.' }) amount!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'What was used of it, or beyond it, by now.' })
  consumed!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'What will have been by its end if usage goes on as observed.' })
  expected!: LedgerAmountType;
}

@ObjectType('ContractForecast', {
  description:
    'What a contract comes to by its end: its invoices, made by the engine that makes them of what is used already, and of usage that goes on as in the four weeks before.',
})
export class ContractForecastType {
  contractId!: string;
  @NodeField(() => ContractType, { from: 'contractId', description: 'The contract.' }) contract!: ContractType | null;
  @Field({
    description: 'What was used from then on says how usage goes on: four weeks, or less where the term is younger.',
  })
  observedFrom!: Date;
  @Field({ description: 'Until when usage is known; what is expected goes on from here.' }) asOf!: Date;
  @Field(() => [ForecastPeriodType], { description: 'All periods of the term, from the first.' })
  periods!: ForecastPeriodType[];
  @Field(() => LedgerAmountType, { description: 'What is due over the whole term if usage goes on as observed.' })
  expectedDue!: LedgerAmountType;
  @Field(() => [ForecastCommitmentType], { description: 'Its commitments.' }) commitments!: ForecastCommitmentType[];
}
