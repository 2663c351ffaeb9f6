import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { IsInt, IsOptional, Length, Matches, Max, Min } from 'class-validator';
import type { Currency } from '#libs/kernel';
import { ConnectionArgs, CurrencyEnum, MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import type { ContractState } from '../contract/contract.js';
import { ContractStateEnum, ContractType, ContractVersionType, RunningWorkType } from './contract.types.js';
import { ContractTermsInput } from './contract-terms.inputs.js';

const MOST_GRACE_DAYS = 366;
const GRACE_DAYS = `Days of 86,400 seconds after the end of a month in which late usage still comes onto its invoice, 0 to ${MOST_GRACE_DAYS}.`;

@ArgsType()
export class ContractsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those with this partner; for the lab.' })
  organizationId?: string;
  @Field(() => ContractStateEnum, { nullable: true, description: 'Only those that stand so.' }) state?: ContractState;
}

@InputType({ description: 'A contract with its first version, which takes effect when the contract starts.' })
export class DraftContractInput extends MutationInput {
  @Field(() => ID, { description: 'The partner organization.' }) organizationId!: string;
  @Field({ description: 'For people to read, 1 to 200 characters.' }) @Length(1, 200) name!: string;
  @Field(() => CurrencyEnum, {
    description: 'Of all its amounts; it never changes.',
  })
  currency!: Currency;
  @Field(() => Date, {
    nullable: true,
    description: 'When it starts, never in the past; when the partner accepts it if left out.',
  })
  startsAt?: Date | null;
  @Field({ description: 'The first instant at which it no longer holds.' }) endsAt!: Date;
  @Field(() => Int, { description: GRACE_DAYS }) @IsInt() @Min(0) @Max(MOST_GRACE_DAYS) graceDays!: number;
  @Field(() => String, {
    nullable: true,
    description: "The partner's reference, for its invoices, 1 to 200 characters.",
  })
  @IsOptional()
  @Length(1, 200)
  purchaseOrder?: string | null;
  @Field({ description: 'What it is about, for people, at most 2,000 characters.' }) @Length(0, 2_000) summary!: string;
  @Field(() => ContractTermsInput, { description: 'What it says of money.' }) terms!: ContractTermsInput;
}

@InputType({
  description:
    'Changes a draft; what is left out stays. Name, dates, days of grace and purchase order are those of the contract, and fixed once a version of it was offered.',
})
export class ReviseContractVersionInput extends MutationInput {
  @Field(() => ID, { description: 'The draft.' }) contractVersionId!: string;
  @Field(() => ContractTermsInput, { nullable: true, description: 'All of its terms, in place of what they were.' })
  terms?: ContractTermsInput | null;
  @Field(() => String, { nullable: true, description: 'What it is about, at most 2,000 characters.' })
  @IsOptional()
  @Length(0, 2_000)
  summary?: string | null;
  @Field(() => Date, {
    nullable: true,
    description: 'When an amendment takes effect, within the term; null: on acceptance. A first version has none.',
  })
  effectiveFrom?: Date | null;
  @Field(() => String, { nullable: true, description: 'The name of the contract, 1 to 200 characters.' })
  @IsOptional()
  @Length(1, 200)
  name?: string | null;
  @Field(() => Date, { nullable: true, description: 'When the contract starts; null: on acceptance.' })
  startsAt?: Date | null;
  @Field(() => Date, { nullable: true, description: 'When the contract ends.' }) endsAt?: Date | null;
  @Field(() => Int, { nullable: true, description: GRACE_DAYS })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_GRACE_DAYS)
  graceDays?: number | null;
  @Field(() => String, { nullable: true, description: "The partner's reference; null: none." })
  @IsOptional()
  @Length(1, 200)
  purchaseOrder?: string | null;
}

@InputType({
  description: 'A further version: a draft with all of its terms. A contract has one open version at a time.',
})
export class AmendContractInput extends MutationInput {
  @Field(() => ID, { description: 'The contract.' }) contractId!: string;
  @Field(() => Date, {
    nullable: true,
    description:
      'When it takes effect: in the term, after the versions that were accepted, never in the past; on acceptance if left out.',
  })
  effectiveFrom?: Date | null;
  @Field({ description: 'What it is about, for people, at most 2,000 characters.' }) @Length(0, 2_000) summary!: string;
  @Field(() => ContractTermsInput, {
    description: 'All of its terms. Commitments that were accepted stay: their amounts may be raised.',
  })
  terms!: ContractTermsInput;
}

@InputType({ description: 'Hands a draft to whoever approves it.' })
export class SubmitContractVersionInput extends MutationInput {
  @Field(() => ID, { description: 'The draft.' }) contractVersionId!: string;
}

@InputType({ isAbstract: true })
abstract class ReasonedVersionInput extends MutationInput {
  @Field(() => ID, { description: 'The version.' }) contractVersionId!: string;
  @Field({ description: 'Why, 1 to 500 characters.' }) @Length(1, 500) reason!: string;
}

@InputType({ description: 'Gives a version in review back to be worked on. The reason is for the lab alone.' })
export class ReturnContractVersionInput extends ReasonedVersionInput {}

@InputType({ description: 'Refuses an offer. The lab can read the reason.' })
export class DeclineContractVersionInput extends ReasonedVersionInput {}

@InputType({ description: 'Takes a version back that is not decided. Of an offer, the partner can read the reason.' })
export class WithdrawContractVersionInput extends ReasonedVersionInput {}

@InputType({ description: 'Ends a negotiation that comes to nothing, and withdraws the version that is open.' })
export class AbandonContractInput extends MutationInput {
  @Field(() => ID, { description: 'The contract.' }) contractId!: string;
  @Field({ description: 'Why, 1 to 500 characters.' }) @Length(1, 500) reason!: string;
}

@InputType({ isAbstract: true })
abstract class SigningInput extends MutationInput {
  @Field(() => ID, { description: 'The version.' }) contractVersionId!: string;
  @Field({ description: '`documentSha256` of the version as it was read; refused if the document has changed since.' })
  @Matches(/^[0-9a-f]{64}$/)
  documentSha256!: string;
  @Field({ description: 'The name of who signs, 1 to 200 characters.' }) @Length(1, 200) signatoryName!: string;
  @Field({ description: 'What they are in their organization, 1 to 200 characters.' })
  @Length(1, 200)
  signatoryTitle!: string;
}

@InputType({ description: 'Approves a version, signs it for the lab and offers it to the partner.' })
export class OfferContractVersionInput extends SigningInput {}

@InputType({ description: 'Signs an offer for the partner.' })
export class AcceptContractVersionInput extends SigningInput {}

@InputType({ description: 'Suspends a contract in force.' })
export class SuspendContractInput extends MutationInput {
  @Field(() => ID, { description: 'The contract.' }) contractId!: string;
  @Field({ description: 'Why, 1 to 500 characters; the partner reads it in every refusal.' })
  @Length(1, 500)
  reason!: string;
  @Field({ description: 'What of the contract it rests on, 1 to 500 characters; named in every refusal.' })
  @Length(1, 500)
  clause!: string;
}

@InputType({ description: 'Ends the suspension of a contract.' })
export class ResumeContractInput extends MutationInput {
  @Field(() => ID, { description: 'The contract.' }) contractId!: string;
}

@ObjectType()
export class ContractVersionPayload extends MutationPayload {
  @NodeField(() => ContractVersionType, { description: 'The version.' }) contractVersion!: string | null;
}

@ObjectType()
export class ContractPayload extends MutationPayload {
  @NodeField(() => ContractType, { description: 'The contract.' }) contract!: string | null;
}

@ObjectType()
export class DraftedContractPayload extends ContractPayload {
  @NodeField(() => ContractVersionType, { description: 'Its first version.' }) contractVersion!: string | null;
}

@ObjectType()
export class SuspendedContractPayload extends ContractPayload {
  @Field(() => [RunningWorkType], {
    nullable: true,
    description: 'What of the partner was under way and goes on, by kind.',
  })
  runningWork!: RunningWorkType[] | null;
}
