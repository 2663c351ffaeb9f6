import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '#libs/kernel';
import { WebhookOutbox } from '#libs/webhooks';
import { systemScope } from '#platform/database';
import { ContractFixture } from '../contract/contract.fixture.js';
import { ServiceStopService } from '../service-stops/service-stop.service.js';
import { WebhookEventsHandler } from './webhook-events.handler.js';

let contracts: ContractFixture;
let owner: pg.Client;
let stops: ServiceStopService;
let handler: WebhookEventsHandler;
beforeAll(async () => {
  contracts = await ContractFixture.start();
  owner = new pg.Client({ connectionString: contracts.testing.urls.owner });
  await owner.connect();
  // Who owns the schema takes messages past row security here, in a database of this spec's own.
  await owner.query('ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY');
  stops = new ServiceStopService(contracts.clock);
  handler = new WebhookEventsHandler(contracts.database, new WebhookOutbox(contracts.clock));
  await contracts.as(contracts.partner, (tx) =>
    tx.query(
      `INSERT INTO webhook_endpoints (id, organization_id, url, description, events, created_by, created_at)
       VALUES ($1, :organization, 'https://hooks.example/', '', '{service.stopped,service.restored}', 'spec', $2)`,
      [newId('whe'), contracts.clock.now()],
    ),
  );
});
afterAll(async () => {
  await owner?.end();
  await contracts?.stop();
});

const system = () => ({ scope: systemScope('spec', contracts.partner.organizationId) });
const source = (id: string) => ({ kind: 'dunning', id }) as const;
const stop = (id: string) =>
  contracts.as(system(), (tx) =>
    stops.stop(tx, {
      organizationId: contracts.partner.organizationId,
      services: ['inference'],
      source: source(id),
      reason: 'invoice 7 is overdue',
      clause: 'payment within 30 days',
    }),
  );
const lift = (id: string) => contracts.as(system(), (tx) => stops.lift(tx, source(id)));

/** What the outbox holds since, handled as the worker does, and what endpoints are told of it: twice is once. */
async function told(): Promise<string[]> {
  const { rows: messages } = await owner.query<{ type: string; payload: object }>(
    `DELETE FROM outbox WHERE type LIKE 'contracts.service_%' RETURNING type, payload`,
  );
  for (const { type, payload } of [...messages, ...messages]) {
    await handler[type === 'contracts.service_stopped' ? 'stopped' : 'restored']({ payload } as never);
  }
  const rows = await contracts.as(contracts.partner, (tx) =>
    tx.query<{ body: string }>(
      'SELECT body FROM webhook_deliveries WHERE organization_id = :organization ORDER BY created_at, type DESC',
    ),
  );
  return rows.map(({ body }) => `${JSON.parse(body).type} ${JSON.parse(body).data.sourceId}`);
}

it('tells when a service stops and when it goes on, not what comes and goes meanwhile', async () => {
  await stop('first');
  expect(await told()).toEqual(['service.stopped first']);
  contracts.clock.advance(1_000);
  await stop('second');
  contracts.clock.advance(1_000);
  await lift('first');
  // As dunning does: what is stopped is stopped anew, for a reason of today.
  await contracts.as(system(), async (tx) => {
    await stops.lift(tx, source('second'));
    await stops.stop(tx, {
      organizationId: contracts.partner.organizationId,
      services: ['inference'],
      source: source('second'),
      reason: 'invoices 7 and 8 are overdue',
      clause: 'payment within 30 days',
    });
  });
  expect(await told()).toEqual(['service.stopped first']);
  contracts.clock.advance(1_000);
  await lift('second');
  expect(await told()).toEqual(['service.stopped first', 'service.restored second']);
});
