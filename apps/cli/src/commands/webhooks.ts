import { type Commands, integer, list } from '../commands.js';
import type { Context } from '../context.js';
import { collect } from '../documents/shared.js';
import {
  CREATE_ENDPOINT,
  ENABLE_ENDPOINT,
  REDELIVER,
  REMOVE_ENDPOINT,
  ROTATE_SECRET,
  WEBHOOK_DELIVERIES,
  WEBHOOK_ENDPOINTS,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WithSecret,
} from '../documents/webhooks.js';
import { formatConstant, formatTime, toConstant } from '../output/format.js';
import { table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface CreateOptions {
  events: string[];
  description?: string;
}

const MOST_ENDPOINTS = 100;

export function addWebhookCommands(commands: Commands): void {
  commands.group('webhooks', 'Webhooks: addresses of yours that are told of what happens', (group) =>
    group
      .read('list', 'List endpoints', listEndpoints, undefined, { isDefault: true })
      .act<CreateOptions>('create <url>', 'Have an address told of events; prints its secret once', create, (command) =>
        command
          .requiredOption('--events <events>', 'such as invoice-finalized,spend-cap-exhausted', list)
          .option('--description <text>', 'for people'),
      )
      .act('rotate <endpoint>', 'Make another secret, which is printed once; both sign for a day', rotate)
      .act('enable <endpoint>', 'Have an endpoint told again that was disabled for failing', enable)
      .act('remove <endpoint>', 'Tell an endpoint nothing any more', remove)
      .read<{ limit: number }>(
        'deliveries [endpoint]',
        'What endpoints were told, the latest first; bodies and all attempts with --json',
        listDeliveries,
        (command) => command.option('--limit <count>', 'at most so many', integer(1, 10_000), 50),
      )
      .act('redeliver <delivery>', 'Send an event again, under its id and as it was', redeliver),
  );
}

async function listEndpoints({ client, out }: Context): Promise<void> {
  const endpoints = await collect(
    async (page) => (await client.run(WEBHOOK_ENDPOINTS, page)).webhookEndpoints,
    MOST_ENDPOINTS,
  );
  out.result(endpoints, () => {
    if (endpoints.length === 0) return 'No endpoints.';
    return table(
      endpoints,
      [
        { title: 'ENDPOINT', value: ({ id }) => id },
        { title: 'URL', value: ({ url }) => url },
        { title: 'EVENTS', value: ({ events }) => events.map(formatConstant).join(', ') },
        { title: 'STATE', value: (endpoint) => standingOf(endpoint, out.style) },
        { title: 'FOR', value: ({ description }) => description },
      ],
      out.style,
    );
  });
}

function standingOf({ disabledAt, failingSince }: WebhookEndpoint, style: Style): string {
  if (disabledAt) return style.red(`disabled ${formatTime(disabledAt)}`);
  return failingSince ? style.yellow(`failing since ${formatTime(failingSince)}`) : style.green('told');
}

async function create(context: Context, { events, description }: CreateOptions, url: string): Promise<void> {
  tellSecret(context, await context.act(CREATE_ENDPOINT, { url, description, events: events.map(toConstant) }));
}

async function rotate(context: Context, _: object, endpointId: string): Promise<void> {
  tellSecret(context, await context.act(ROTATE_SECRET, { endpointId }));
}

function tellSecret({ out }: Context, { webhookEndpoint, secret }: WithSecret): void {
  out.result({ ...webhookEndpoint, secret }, () => {
    const shown = secret ?? '(it was shown when it was made)';
    return `Endpoint  ${webhookEndpoint.id}\nSecret    ${shown}`;
  });
  if (secret) out.note('Keep it now: it is not shown again.');
}

async function enable(context: Context, _: object, endpointId: string): Promise<void> {
  const { webhookEndpoint } = await context.act(ENABLE_ENDPOINT, { endpointId });
  context.out.result(webhookEndpoint, () => `${webhookEndpoint.url} is told again.`);
}

async function remove(context: Context, _: object, endpointId: string): Promise<void> {
  const removed = await context.act(REMOVE_ENDPOINT, { endpointId });
  context.out.result(removed, () => `${endpointId} is told nothing any more.`);
}

async function listDeliveries(
  { client, out }: Context,
  { limit }: { limit: number },
  endpointId?: string,
): Promise<void> {
  const deliveries = await collect(
    async (page) => (await client.run(WEBHOOK_DELIVERIES, { ...page, endpointId })).webhookDeliveries,
    limit,
  );
  out.result(deliveries, () => {
    if (deliveries.length === 0) return 'Nothing was sent.';
    return table(
      deliveries,
      [
        { title: 'DELIVERY', value: ({ id }) => id },
        { title: 'EVENT', value: ({ type }) => formatConstant(type) },
        { title: 'HAPPENED', value: ({ createdAt }) => formatTime(createdAt) },
        { title: 'STATE', value: (delivery) => stateOf(delivery, out.style) },
        { title: 'ATTEMPTS', value: ({ attempts }) => String(attempts.length), align: 'right' },
        { title: 'LAST ANSWER', value: lastAnswer },
        { title: 'NEXT', value: ({ nextAttemptAt }) => formatTime(nextAttemptAt) },
      ],
      out.style,
    );
  });
}

function lastAnswer({ attempts }: WebhookDelivery): string {
  const last = attempts.at(-1);
  return last ? (last.error ?? String(last.status)) : '';
}

async function redeliver(context: Context, _: object, deliveryId: string): Promise<void> {
  const { webhookDelivery } = await context.act(REDELIVER, { deliveryId });
  context.out.result(webhookDelivery, () => `${webhookDelivery.eventId} is sent again.`);
}

function stateOf({ state }: WebhookDelivery, style: Style): string {
  const paints = { DELIVERED: style.green, PENDING: style.yellow, GIVEN_UP: style.red } as const;
  return paints[state](formatConstant(state));
}
