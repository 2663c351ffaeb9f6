import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import {
  BigIntScalar,
  ConnectionArgs,
  connectionOf,
  described,
  enumOf,
  MutationInput,
  MutationPayload,
  NodeField,
  NodeType,
} from '#platform/graphql';
import {
  EXPORT_FAILURES,
  EXPORT_KINDS,
  EXPORT_STATES,
  type ExportFailure,
  type ExportKind,
  type ExportState,
} from '../exports/billing-export.js';

export const ExportKindEnum = enumOf(EXPORT_KINDS);
registerEnumType(ExportKindEnum, {
  name: 'BillingExportKind',
  description: 'What an export is of.',
  valuesMap: {
    USAGE: {
      description: 'A line per meter of each request and job, with its price. Needs the permission invoices:read.',
    },
    JOURNAL: { description: 'A line per entry of each transaction of the books. Needs the permission ledger:read.' },
  },
});

export const ExportStateEnum = enumOf(EXPORT_STATES);
registerEnumType(ExportStateEnum, {
  name: 'BillingExportState',
  description: 'Where an export stands.',
  valuesMap: {
    QUEUED: { description: 'It waits for a worker.' },
    RUNNING: { description: 'It is made: `rows` tells how far it is.' },
    READY: { description: 'Its file can be fetched, until `expiresAt`.' },
    FAILED: { description: 'Nothing came of it: `failure` tells why. Ask again with a new idempotency key.' },
    EXPIRED: { description: 'Its file was deleted. Ask again with a new idempotency key.' },
  },
});

export const ExportFailureEnum = enumOf(Object.keys(EXPORT_FAILURES) as ExportFailure[]);
registerEnumType(ExportFailureEnum, {
  name: 'BillingExportFailureReason',
  description: 'Why nothing came of an export.',
  valuesMap: described(Object.keys(EXPORT_FAILURES) as ExportFailure[], (failure) => EXPORT_FAILURES[failure]),
});

@ObjectType('BillingExportFailure', { description: 'Why nothing came of an export, and what to do.' })
export class BillingExportFailureType {
  @Field(() => ExportFailureEnum, { description: 'For programs.' }) reason!: ExportFailure;
  @Field({ description: 'For people: what happened, and what to do.' }) message!: string;
}

@ObjectType('BillingExport', {
  implements: () => [NodeType],
  description:
    'A file of comma-separated values (RFC 4180, UTF-8, a heading first) that the own organization asked for: its columns are told by the guide export-usage-and-journal.',
})
export class BillingExportType extends NodeType {
  organizationId!: string;
  @Field(() => ExportKindEnum, { description: 'What it is of.' }) kind!: ExportKind;
  @Field(() => ID, { nullable: true, description: 'The partner that it is about; null for all of them.' })
  partnerId!: string | null;
  @Field({ description: 'Where its range of time begins.' }) from!: Date;
  @Field({ description: 'Where its range ends; what is at this time is not in it.' }) to!: Date;
  @Field({ description: 'When it was asked for: usage that became final on record later is not in it.' })
  requestedAt!: Date;
  @Field(() => ExportStateEnum, { description: 'Where it stands.' }) state!: ExportState;
  @Field(() => BigIntScalar, { description: 'Lines without the heading: so far, while it runs.' }) rows!: bigint;
  @Field(() => Date, { nullable: true, description: 'When it became ready or failed; null before.' })
  endedAt!: Date | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'The length of the file; null without one.' })
  bytes!: bigint | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of its bytes, in hex; null without one.' })
  sha256!: string | null;
  @Field(() => Date, { nullable: true, description: 'When the file is deleted, or was; null without one.' })
  expiresAt!: Date | null;
}
export const { Connection: BillingExportConnection } = connectionOf(BillingExportType, 'BillingExport');

@ArgsType()
export class BillingExportsArgs extends ConnectionArgs {
  @Field(() => ExportKindEnum, { description: 'Of this kind.' }) kind!: ExportKind;
}

@InputType({ description: 'Has a file made of what was used in a range of time, with its prices.' })
export class ExportUsageInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'For the lab: whose usage, refused with EXPORT_PARTNER_MISSING without. A partner leaves it out.',
  })
  organizationId?: string | null;
  @Field({ description: 'What was admitted at or after this time.' }) from!: Date;
  @Field({ description: 'What was admitted before this time: after `from`, by 367 days at most.' }) to!: Date;
}

@InputType({ description: 'Has a file made of what the books say of a range of time.' })
export class ExportJournalInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: "For the lab: whose books; every partner's if left out. A partner leaves it out.",
  })
  organizationId?: string | null;
  @Field({ description: 'What took effect at or after this time.' }) from!: Date;
  @Field({ description: 'What took effect before this time: after `from`, by 367 days at most.' }) to!: Date;
}

@ObjectType()
export class BillingExportPayload extends MutationPayload {
  @NodeField(() => BillingExportType, { description: 'The export, which is made from now on.' })
  billingExport!: string | null;
}
