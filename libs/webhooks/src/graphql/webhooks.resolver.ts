import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  ConnectionArgs,
  Ctx,
  MutationRunner,
  NodeLoader,
  type RequestContext,
  readNodes,
  ShownOnce,
} from '#platform/graphql';
import { attemptsOf, findDeliveries, findEndpoints, listDeliveries, listEndpoints } from '../webhook.repository.js';
import { stateOf, type WebhookAttempt, type WebhookDelivery, type WebhookDeliveryState } from '../webhook-endpoint.js';
import { WebhookEndpointService } from '../webhook-endpoint.service.js';
import {
  CreateWebhookEndpointInput,
  EnableWebhookEndpointInput,
  RedeliverWebhookInput,
  RemoveWebhookEndpointInput,
  RemoveWebhookEndpointPayload,
  RotateWebhookSecretInput,
  WebhookAttemptType,
  WebhookDeliveriesArgs,
  WebhookDeliveryConnection,
  WebhookDeliveryPayload,
  WebhookDeliveryStateEnum,
  WebhookDeliveryType,
  WebhookEndpointConnection,
  WebhookEndpointPayload,
  WebhookSecretPayload,
} from './webhooks.types.js';

const READ = 'webhooks:read';
const WRITE = 'webhooks:write';

@Resolver()
export class WebhooksResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly endpoints: WebhookEndpointService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('whe', 'WebhookEndpoint')
  loadEndpoints(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findEndpoints(tx, ids) });
  }

  @NodeLoader('whd', 'WebhookDelivery')
  loadDeliveries(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: READ,
      find: (tx) => findDeliveries(tx, ids),
    });
  }

  @Query(() => WebhookEndpointConnection, {
    description: 'Webhook endpoints of the own organization, oldest first. Needs the permission webhooks:read.',
  })
  async webhookEndpoints(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => listEndpoints(tx, args));
  }

  @Query(() => WebhookDeliveryConnection, {
    description: 'What webhook endpoints were told, the latest first. Needs the permission webhooks:read.',
  })
  async webhookDeliveries(@Ctx() context: RequestContext, @Args() args: WebhookDeliveriesArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => listDeliveries(tx, args, args));
  }

  @Mutation(() => WebhookSecretPayload, {
    description:
      'Has an address told of events from now on. Refused with WEBHOOKS_OFF where the platform sends none, with WEBHOOK_URL_INVALID, WEBHOOK_HOST_NOT_ALLOWED or WEBHOOK_ENDPOINT_LIMIT. For a partner; needs the permission webhooks:write.',
  })
  createWebhookEndpoint(@Ctx() context: RequestContext, @Args('input') input: CreateWebhookEndpointInput) {
    return this.mutations.run(context, { name: 'createWebhookEndpoint', permission: WRITE, input }, async (tx) => {
      const { url, description = '', events } = input;
      const { id, secret } = await this.endpoints.create(tx, { url, description, events });
      return { webhookEndpoint: id, secret: new ShownOnce(secret) };
    });
  }

  @Mutation(() => WebhookSecretPayload, {
    description:
      'Makes a new secret; both sign for a day, so that receivers can change over. Needs the permission webhooks:write.',
  })
  rotateWebhookSecret(@Ctx() context: RequestContext, @Args('input') input: RotateWebhookSecretInput) {
    return this.mutations.run(context, { name: 'rotateWebhookSecret', permission: WRITE, input }, async (tx) => {
      const secret = await this.endpoints.rotateSecret(tx, input.endpointId);
      return { webhookEndpoint: input.endpointId, secret: new ShownOnce(secret) };
    });
  }

  @Mutation(() => WebhookEndpointPayload, {
    description: 'Has an endpoint told again that was disabled for failing. Needs the permission webhooks:write.',
  })
  enableWebhookEndpoint(@Ctx() context: RequestContext, @Args('input') input: EnableWebhookEndpointInput) {
    return this.mutations.run(context, { name: 'enableWebhookEndpoint', permission: WRITE, input }, async (tx) => {
      await this.endpoints.enable(tx, input.endpointId);
      return { webhookEndpoint: input.endpointId };
    });
  }

  @Mutation(() => RemoveWebhookEndpointPayload, {
    description: 'Tells an endpoint nothing any more; what was due is not sent. Needs the permission webhooks:write.',
  })
  removeWebhookEndpoint(@Ctx() context: RequestContext, @Args('input') input: RemoveWebhookEndpointInput) {
    return this.mutations.run(context, { name: 'removeWebhookEndpoint', permission: WRITE, input }, async (tx) => {
      await this.endpoints.remove(tx, input.endpointId);
      return { removedWebhookEndpointId: input.endpointId };
    });
  }

  @Mutation(() => WebhookDeliveryPayload, {
    description:
      'Sends an event again, under its id and as it was, within seconds; refused with WEBHOOK_DELIVERY_NOT_FOUND where its endpoint is disabled or removed. Needs the permission webhooks:write.',
  })
  redeliverWebhook(@Ctx() context: RequestContext, @Args('input') input: RedeliverWebhookInput) {
    return this.mutations.run(context, { name: 'redeliverWebhook', permission: WRITE, input }, async (tx) => {
      await this.endpoints.redeliver(tx, input.deliveryId);
      return { webhookDelivery: input.deliveryId };
    });
  }
}

@Resolver(() => WebhookDeliveryType)
export class WebhookDeliveryFields {
  constructor(private readonly database: Database) {}

  @ResolveField(() => WebhookDeliveryStateEnum, { description: 'How far it came.' })
  state(@Parent() delivery: WebhookDelivery): WebhookDeliveryState {
    return stateOf(delivery);
  }

  @ResolveField(() => [WebhookAttemptType], { description: 'Every attempt, from the first.' })
  attempts(@Parent() { id }: WebhookDelivery, @Ctx() context: RequestContext): Promise<WebhookAttempt[]> {
    const read = (ids: readonly string[]) =>
      this.database.read(context.scope, async (tx) => {
        const byDelivery = await attemptsOf(tx, ids);
        return ids.map((delivery) => byDelivery.get(delivery) ?? []);
      });
    return context.batched('WebhookDelivery.attempts', {}, read).load(id);
  }
}
