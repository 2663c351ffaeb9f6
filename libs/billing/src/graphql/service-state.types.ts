import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ServiceState } from '../dunning/schedule.js';
import { InvoiceType } from './invoice.types.js';

export const ServiceStateEnum = {
  CURRENT: 'current',
  OVERDUE: 'overdue',
  WARNED: 'warned',
  NO_NEW_WORK: 'no_new_work',
  INFERENCE_OFF: 'inference_off',
} as const;
registerEnumType(ServiceStateEnum, {
  name: 'ServiceState',
  description: 'What follows from the unpaid invoices of an organization.',
  valuesMap: {
    CURRENT: { description: 'Nothing is overdue, or not for long.' },
    OVERDUE: { description: 'Something is overdue for 3 days: people were reminded.' },
    WARNED: { description: 'For 14 days: people were warned.' },
    NO_NEW_WORK: { description: 'For 21 days: fine-tunes, evaluations and new revisions are refused.' },
    INFERENCE_OFF: { description: 'For 35 days: calls of models are refused, too.' },
  },
});

@ObjectType('NextServiceState', { description: 'What comes if nothing is paid.' })
export class NextServiceStateType {
  @Field(() => ServiceStateEnum, { description: 'The state.' }) state!: ServiceState;
  @Field({ description: 'When: some minutes later at most.' }) at!: Date;
}

@ObjectType('ServiceStanding', { description: 'Where an organization stands with its invoices, and what comes.' })
export class ServiceStandingType {
  @Field(() => ServiceStateEnum, { description: 'What holds now.' }) state!: ServiceState;
  @Field(() => Date, { nullable: true, description: 'Since when; null if nothing was ever overdue.' })
  since!: Date | null;
  @Field(() => [InvoiceType], { description: 'Because of which invoices, the one that is due longest first.' })
  invoices!: InvoiceType[];
  @Field(() => NextServiceStateType, {
    nullable: true,
    description: 'What comes next; null at the end of the schedule, and where nothing is unpaid.',
  })
  next!: NextServiceStateType | null;
}
