import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { UserType } from '#libs/identity/graphql';
import { CurrencyEnum, connectionOf, NodeField, NodeType } from '#platform/graphql';
import { CONTRACT_CLAUSES, type ContractClause } from '../contract/redline.js';

export const ContractStateEnum = { NEGOTIATING: 'negotiating', IN_FORCE: 'in_force', ABANDONED: 'abandoned' } as const;
registerEnumType(ContractStateEnum, {
  name: 'ContractState',
  description: 'Where a contract stands.',
  valuesMap: {
    NEGOTIATING: { description: 'No version was accepted yet.' },
    IN_FORCE: { description: 'A version was accepted: it holds from `startsAt` until `endsAt`.' },
    ABANDONED: { description: 'It came to nothing.' },
  },
});

export const ContractVersionStateEnum = {
  DRAFT: 'draft',
  IN_REVIEW: 'in_review',
  OFFERED: 'offered',
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  WITHDRAWN: 'withdrawn',
} as const;
registerEnumType(ContractVersionStateEnum, {
  name: 'ContractVersionState',
  description: 'Where a version of a contract stands.',
  valuesMap: {
    DRAFT: { description: 'The lab works on it; the partner does not see it.' },
    IN_REVIEW: { description: 'It waits for a second person of the lab; the partner does not see it.' },
    OFFERED: { description: 'The lab has signed it; the partner accepts or declines.' },
    ACCEPTED: { description: 'Both have signed it. It never changes.' },
    DECLINED: { description: 'The partner does not want it.' },
    WITHDRAWN: { description: 'The lab took it back.' },
  },
});

export const ContractSideEnum = { LAB: 'lab', PARTNER: 'partner' } as const;
registerEnumType(ContractSideEnum, {
  name: 'ContractSide',
  description: 'For whom somebody signs.',
  valuesMap: { LAB: { description: 'For the lab.' }, PARTNER: { description: 'For the partner.' } },
});

export const ContractClauseEnum = Object.fromEntries(CONTRACT_CLAUSES.map((clause) => [clause.toUpperCase(), clause]));
registerEnumType(ContractClauseEnum, {
  name: 'ContractClause',
  description: 'A part of a contract.',
  valuesMap: {
    GENERAL: { description: 'Name, parties, currency, start, end, days of grace, purchase order.' },
    EFFECTIVE_DATE: { description: 'When the version takes effect.' },
    PRICES: { description: 'The price rules.' },
    DISCOUNTS: { description: 'The discounts.' },
    MINIMUM: { description: 'The least that a month costs.' },
    COMMITMENTS: { description: 'What the partner is bound to spend.' },
    TAX: { description: 'The tax.' },
    PAYMENT: { description: 'Within how many days invoices are to be paid.' },
    RETENTION: { description: 'For how long what the partner brought and made is kept.' },
    EXPORT_CONTROL: { description: 'What the partner is cleared for.' },
    RESIDENCY: { description: 'Where its work may be done and its data may be.' },
  },
});

@ObjectType('ContractParty', { description: 'An organization as the documents of a contract name it.' })
export class ContractPartyType {
  @Field(() => ID, { description: 'The organization.' }) id!: string;
  @Field({ description: 'Its name when the contract was drafted.' }) name!: string;
}

@ObjectType('Contract', {
  implements: () => [NodeType],
  description:
    'What the lab and a partner agree on. Its versions follow one another; the partner sees it once one was offered.',
})
export class ContractType extends NodeType {
  @Field({ description: 'For people to read.' }) name!: string;
  @Field(() => ContractPartyType, { description: 'The partner.' }) organization!: ContractPartyType;
  @Field(() => ContractPartyType, { description: 'The lab.' }) lab!: ContractPartyType;
  @Field(() => CurrencyEnum, { description: 'Of all its amounts; it never changes.' }) currency!: string;
  @Field(() => Date, {
    nullable: true,
    description: 'Its first instant; null while it is to start when the first version is accepted.',
  })
  startsAt!: Date | null;
  @Field({ description: 'The first instant at which it no longer holds.' }) endsAt!: Date;
  @Field(() => Int, {
    description: 'Days of 86,400 seconds after the end of a month in which late usage still comes onto its invoice.',
  })
  graceDays!: number;
  @Field(() => String, { nullable: true, description: "The partner's reference, for its invoices." })
  purchaseOrder!: string | null;
  @Field(() => ContractStateEnum, { description: 'Where it stands.' }) state!: string;
  @Field({ description: 'When it was drafted.' }) createdAt!: Date;
}
export const { Connection: ContractConnection } = connectionOf(ContractType, 'Contract');

@ObjectType('ContractSuspension', {
  description: 'That the partner of a contract may begin nothing for the time being.',
})
export class ContractSuspensionType {
  @Field({ description: 'Since when.' }) since!: Date;
  @Field({ description: 'Why.' }) reason!: string;
  @Field({ description: 'What it rests on, as refusals name it.' }) clause!: string;
}

@ObjectType('RunningWork', { description: 'How much of one kind of work is under way.' })
export class RunningWorkType {
  @Field({ description: 'The kind: that of a compute job, as `train` or `evaluate`, or `deployments` that answer.' })
  what!: string;
  @Field(() => Int, { description: 'How many.' }) count!: number;
}

@ObjectType('ContractSignature', { description: 'One side’s signature under the document of a version.' })
export class ContractSignatureType {
  @Field(() => ContractSideEnum, { description: 'For whom.' }) side!: string;
  @Field(() => ID, { description: 'The account by which it was signed.' }) userId!: string;
  @Field({ description: 'Who signs, by name.' }) signatoryName!: string;
  @Field({ description: 'What they are in their organization.' }) signatoryTitle!: string;
  @Field({ description: 'SHA-256 of the document that was signed, in hex.' }) documentSha256!: string;
  @Field({ description: 'When.' }) signedAt!: Date;
}

@ObjectType('ContractChange', { description: 'One thing that differs between two versions.' })
export class ContractChangeType {
  @Field(() => ContractClauseEnum, { description: 'The part of the contract.' }) clause!: ContractClause;
  @Field(() => [String], {
    description: 'Where in the document, from the outside in; rules, discounts and commitments by their ids.',
  })
  path!: string[];
  @Field(() => String, { nullable: true, description: 'What it was, in JSON; null: it was not there.' })
  before!: string | null;
  @Field(() => String, { nullable: true, description: 'What it is, in JSON; null: it is not there any more.' })
  after!: string | null;
}

@ObjectType('ContractVersion', {
  implements: () => [NodeType],
  description: 'The terms of a contract from a time on. They change only while it is a draft.',
})
export class ContractVersionType extends NodeType {
  contractId!: string;
  @NodeField(() => ContractType, { from: 'contractId', description: 'The contract.' }) contract!: ContractType | null;
  @Field(() => Int, { description: 'Which one of the contract, from 1.' }) number!: number;
  @Field(() => ContractVersionStateEnum, { description: 'Where it stands.' }) state!: string;
  @Field(() => Date, {
    nullable: true,
    description: 'From when its terms hold, until a later version takes effect; null while that is its acceptance.',
  })
  effectiveFrom!: Date | null;
  @Field({ description: 'What it is about, for people to read.' }) summary!: string;
  @Field({
    description:
      'What is read and signed: contract, parties, dates and terms in canonical JSON (sorted keys, no spaces), amounts as decimal strings.',
  })
  document!: string;
  @Field({ description: 'SHA-256 of the UTF-8 bytes of `document`, in hex: who signs gives it.' })
  documentSha256!: string;
  draftedBy!: string;
  @NodeField(() => UserType, { from: 'draftedBy', description: 'Who drafted it; null for the other side.' })
  drafter!: UserType | null;
  @Field({ description: 'When it was drafted.' }) draftedAt!: Date;
  submittedBy!: string | null;
  @NodeField(() => UserType, { from: 'submittedBy', description: 'Who submitted it last; null for the other side.' })
  submitter!: UserType | null;
  @Field(() => Date, { nullable: true, description: 'When it was last submitted for approval.' })
  submittedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was last given back to be worked on; for the lab.' })
  returnedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was last given back; for the lab.' })
  returnReason!: string | null;
  approvedBy!: string | null;
  @NodeField(() => UserType, { from: 'approvedBy', description: 'Who approved it; null for the other side.' })
  approver!: UserType | null;
  @Field(() => Date, { nullable: true, description: 'When it was approved and offered.' }) offeredAt!: Date | null;
  decidedBy!: string | null;
  @NodeField(() => UserType, {
    from: 'decidedBy',
    description: 'Who accepted, declined or withdrew it; null for the other side.',
  })
  decider!: UserType | null;
  @Field(() => Date, { nullable: true, description: 'When it was accepted, declined or withdrawn.' })
  decidedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was declined or withdrawn.' })
  decisionReason!: string | null;
}
