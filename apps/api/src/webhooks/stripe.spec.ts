import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { DatabaseModule } from '#platform/database';
import { createServer } from '#platform/http';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, testDatabase } from '#test/harness';
import { FakeStripe } from '../../../../test/fakes/stripe/index.js';
import { WebhooksModule } from './webhooks.module.js';

let server: TestDatabase;
let app: NestFastifyApplication;
let reader: pg.Client;
let fake: FakeStripe;

beforeAll(async () => {
  server = await testDatabase();
  fake = await new FakeStripe('whsec_spec').start();
  reader = new pg.Client({ connectionString: server.urls.reconciler });
  await reader.connect();
  const { app: appUrl, reconciler } = server.urls;
  @Module({
    imports: [
      DatabaseModule.forRoot({ appUrl, narrowUrls: { reconciler } }),
      WebhooksModule.forRoot({ stripe: { apiKey: 'sk_test_fake', webhookSecret: 'whsec_spec', apiUrl: fake.url } }),
    ],
  })
  class TestModule {}
  app = await createServer(TestModule, { logger: createLogger('test', 'fatal') });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(async () => {
  await app.close();
  await reader.end();
  await fake.stop();
  await server.drop();
});

const post = (payload: string, headers: Record<string, string>) =>
  app.inject({ method: 'POST', url: '/webhooks/stripe', payload, headers });

test('a signed event is stored once, whatever it is about, and answered at once', async () => {
  fake.account.createCustomer({ name: 'Partner' });
  const invoice = fake.account.createInvoice({ customer: [...fake.account.customers.keys()][0]! });
  for (const { body, headers } of [...fake.webhooks(), ...fake.webhooks()]) {
    const answer = await post(body, headers);
    expect([answer.statusCode, answer.json()]).toEqual([200, { received: true }]);
  }
  const { rows } = await reader.query('SELECT type, provider_invoice_id, outcome FROM payment_events ORDER BY id');
  expect(rows).toEqual([
    { type: 'customer.created', provider_invoice_id: null, outcome: 'ignored' },
    { type: 'invoice.created', provider_invoice_id: invoice.id, outcome: null },
  ]);
});

test('what is not signed over these very bytes, by this secret and lately, is refused and not stored', async () => {
  const before = await reader.query('SELECT count(*) FROM payment_events');
  fake.account.createCustomer({ name: 'Another' });
  const [{ body, headers }] = fake.webhooks().slice(-1) as [ReturnType<FakeStripe['webhooks']>[number]];
  const { 'stripe-signature': signature, ...rest } = headers;
  for (const [bytes, sent] of [
    [body.replace('customer.created', 'customer.deleted'), headers],
    [JSON.stringify(JSON.parse(body)), headers],
    [body, rest],
    [body, { ...rest, 'stripe-signature': signature.replace(/t=\d+/, 't=1700000000') }],
  ] as const) {
    const answer = await post(bytes, sent);
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'payment_signature_invalid']);
  }
  expect((await reader.query('SELECT count(*) FROM payment_events')).rows).toEqual(before.rows);
});
