import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ArrayMaxSize, ArrayMinSize, IsOptional, Length } from 'class-validator';
import {
  ConnectionArgs,
  connectionOf,
  described,
  enumOf,
  MutationInput,
  MutationPayload,
  NodeField,
  NodeType,
} from '#platform/graphql';
import { WEBHOOK_DELIVERY_STATES } from '../webhook-endpoint.js';
import { OVERLAP_DAYS } from '../webhook-endpoint.service.js';
import { WEBHOOK_EVENT_MEANINGS, WEBHOOK_EVENTS, type WebhookEvent } from '../webhook-event.js';

export const WebhookEventEnum = enumOf(WEBHOOK_EVENTS);
registerEnumType(WebhookEventEnum, {
  name: 'WebhookEvent',
  description: 'What a webhook endpoint can be told of; docs/guides/webhooks.md has the body of each.',
  valuesMap: described(WEBHOOK_EVENTS, (event) => WEBHOOK_EVENT_MEANINGS[event]),
});

export const WebhookDeliveryStateEnum = enumOf(WEBHOOK_DELIVERY_STATES);
registerEnumType(WebhookDeliveryStateEnum, {
  name: 'WebhookDeliveryState',
  description: 'How far an event came on its way to an endpoint.',
  valuesMap: {
    PENDING: { description: 'It is tried, or tried again.' },
    DELIVERED: { description: 'The endpoint took it.' },
    GIVEN_UP: { description: 'Nothing is tried any more, unless it is redelivered.' },
  },
});

@ObjectType('WebhookEndpoint', {
  implements: () => [NodeType],
  description: 'An address of the organization that is told of events, as https://www.standardwebhooks.com describes.',
})
export class WebhookEndpointType extends NodeType {
  @Field({ description: 'Where events are posted.' }) url!: string;
  @Field({ description: 'For people.' }) description!: string;
  @Field(() => [WebhookEventEnum], { description: 'What it is told of.' }) events!: WebhookEvent[];
  @Field({ description: 'When it was made.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'Until when the secret before is signed with, too.' })
  previousSecretUntil!: Date | null;
  @Field(() => Date, { nullable: true, description: 'Since when every attempt failed; null: the last one succeeded.' })
  failingSince!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was disabled, having failed for days; null: it is told.' })
  disabledAt!: Date | null;
}
export const { Connection: WebhookEndpointConnection } = connectionOf(WebhookEndpointType, 'WebhookEndpoint');

@ObjectType('WebhookAttempt', { description: 'One try to deliver an event.' })
export class WebhookAttemptType {
  @Field(() => Int, { description: 'From 1.' }) number!: number;
  @Field({ description: 'When it began.' }) startedAt!: Date;
  @Field(() => Int, { description: 'How long it took, in milliseconds.' }) latencyMilliseconds!: number;
  @Field(() => Int, { nullable: true, description: 'The status of the answer; null: none came.' }) status!:
    | number
    | null;
  @Field(() => String, { nullable: true, description: 'Why it was not taken; null: it was.' }) error!: string | null;
}

@ObjectType('WebhookDelivery', { implements: () => [NodeType], description: 'An event on its way to an endpoint.' })
export class WebhookDeliveryType extends NodeType {
  @NodeField(() => WebhookEndpointType, {
    from: 'endpointId',
    description: 'Where it goes; null once that is removed.',
  })
  endpoint!: WebhookEndpointType | null;
  @Field(() => ID, { description: 'The webhook-id of every attempt, by which receivers know it again.' })
  eventId!: string;
  @Field(() => WebhookEventEnum, { description: 'What it tells of.' }) type!: WebhookEvent;
  @Field({ description: 'The JSON that is sent, to the byte.' }) body!: string;
  @Field({ description: 'When it happened.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it is tried next; null: not any more.' })
  nextAttemptAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When the endpoint last took it.' }) deliveredAt!: Date | null;
}
export const { Connection: WebhookDeliveryConnection } = connectionOf(WebhookDeliveryType, 'WebhookDelivery');

@ArgsType()
export class WebhookDeliveriesArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those to this endpoint.' }) endpointId?: string;
}

@InputType()
export class CreateWebhookEndpointInput extends MutationInput {
  @Field({ description: 'https://, at a host that the operator of the platform allows; at most 2,000 characters.' })
  url!: string;
  @Field(() => String, { nullable: true, description: 'For people, at most 200 characters.' })
  @IsOptional()
  @Length(0, 200)
  description?: string;
  @Field(() => [WebhookEventEnum], { description: 'What it is told of, at least one.' })
  @ArrayMinSize(1)
  @ArrayMaxSize(WEBHOOK_EVENTS.length)
  events!: WebhookEvent[];
}

@InputType()
export class RotateWebhookSecretInput extends MutationInput {
  @Field(() => ID, { description: 'The endpoint.' }) endpointId!: string;
}

@InputType()
export class EnableWebhookEndpointInput extends MutationInput {
  @Field(() => ID, { description: 'The endpoint.' }) endpointId!: string;
}

@InputType()
export class RemoveWebhookEndpointInput extends MutationInput {
  @Field(() => ID, { description: 'The endpoint.' }) endpointId!: string;
}

@InputType()
export class RedeliverWebhookInput extends MutationInput {
  @Field(() => ID, { description: 'The delivery, whatever came of it.' }) deliveryId!: string;
}

@ObjectType()
export class WebhookEndpointPayload extends MutationPayload {
  @NodeField(() => WebhookEndpointType, { description: 'The endpoint.' })
  webhookEndpoint!: WebhookEndpointType | null;
}

@ObjectType()
export class WebhookSecretPayload extends MutationPayload {
  @NodeField(() => WebhookEndpointType, { description: 'The endpoint.' })
  webhookEndpoint!: WebhookEndpointType | null;
  @Field(() => String, {
    nullable: true,
    description: `Verifies signatures. Shown only here; the one before holds for ${OVERLAP_DAYS} day more.`,
  })
  secret!: string | null;
}

@ObjectType()
export class RemoveWebhookEndpointPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'The endpoint that was.' }) removedWebhookEndpointId!: string | null;
}

@ObjectType()
export class WebhookDeliveryPayload extends MutationPayload {
  @NodeField(() => WebhookDeliveryType, { description: 'The delivery.' })
  webhookDelivery!: WebhookDeliveryType | null;
}
