import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditService } from '#libs/audit';
import { ServiceStopService } from '#libs/contracts';
import { MailOutbox } from '#libs/identity';
import { newId, systemClock } from '#libs/kernel';
import { WebhookOutbox } from '#libs/webhooks';
import { TestGraphql, type TestOrganization, testOrganization } from '#test/harness';
import { BillingGraphqlModule } from '../graphql/index.js';
import { daysAfter } from '../invoices/due-date.js';
import { type Partnership, PartnershipFixture, termsOf } from '../invoices/partnership.fixture.js';
import { DunningRun } from '../jobs/dunning-run.js';
import { DunningService } from './dunning.service.js';

let fixture: PartnershipFixture;
let stops: ServiceStopService;
let audit: AuditService;
let dunning: DunningService;
let run: DunningRun;
let graphql: TestGraphql;
beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  stops = new ServiceStopService(fixture.clock);
  audit = new AuditService(systemClock);
  dunning = new DunningService(
    stops,
    new MailOutbox(fixture.clock),
    new WebhookOutbox(fixture.clock),
    audit,
    fixture.clock,
  );
  run = new DunningRun(fixture.database, dunning, fixture.clock);
  graphql = await TestGraphql.start(fixture.testing, [BillingGraphqlModule], fixture.clock);
});
afterAll(async () => {
  await graphql?.stop();
  await fixture?.stop();
});

/** A partner that owes a dollar for each month, with its invoices. */
async function owing(months: readonly string[], part: object = {}) {
  fixture.clock.set(new Date('2024-01-10T12:00:00.000Z'));
  const partner = await fixture.agree('2025-01-01T00:00:00.000Z', part);
  for (const month of months) await fixture.use(partner, { at: `2024-${month}-20T00:00:00.000Z`, input: 100 });
  for (const month of months) await fixture.at(`2024-${String(Number(month) + 1).padStart(2, '0')}-10T00:00:00.000Z`);
  const invoices = (await fixture.issued(partner)).filter(({ state }) => state === 'finalized');
  return { partner, invoices, dueAt: invoices[0]!.dueAt! };
}

const standing = (partner: Partnership) =>
  fixture.database.read(partner.scope, (tx) => dunning.standing(tx, partner.organizationId));
const stateOf = async (partner: Partnership) => (await standing(partner)).state;
const mails = (partner: Partnership) =>
  fixture.database.read(partner.scope, (tx) =>
    tx.query<{ subject: string; text: string }>(
      'SELECT subject, text FROM mail_outbox WHERE organization_id = :organization ORDER BY created_at, id',
    ),
  );
const refusal = ({ scope, projectId }: Partnership) =>
  fixture.database.read(scope, (tx) => stops.assertMayWork(tx, { projectId }).then(() => null, String));
const inferenceStops = ({ scope }: Partnership) =>
  fixture.database.read(scope, (tx) =>
    tx.query(`SELECT reason FROM service_stops
      WHERE organization_id = :organization AND stops = 'inference' AND lifted_at IS NULL`),
  );

async function pay(partner: Partnership, invoiceId: string, amountMinor: bigint, paymentKey = `pay ${invoiceId}`) {
  const at = fixture.clock.now();
  await fixture.asSystem(partner, (tx) =>
    fixture.invoices.recordPayment(tx, { invoiceId, paymentKey, amountMinor, at }),
  );
  await run.balanceChanged({ payload: { invoiceId, organizationId: partner.organizationId } } as never);
}

async function goTo(dueAt: Date, days: number): Promise<void> {
  fixture.clock.set(daysAfter(dueAt, days));
  await run.run();
}

describe('an invoice that is not paid', () => {
  it('is reminded of, warned of, ends new work and then inference; paid, everything goes on at once', async () => {
    const { partner, invoices, dueAt } = await owing(['01']);
    const [invoice] = invoices;
    await fixture.database.transaction(partner.scope, (tx) =>
      tx.query(
        `INSERT INTO webhook_endpoints (id, organization_id, url, description, events, created_by, created_at)
         VALUES ($1, :organization, 'https://hooks.example/', '', '{invoice.overdue}', 'spec', $2)`,
        [newId('whe'), fixture.clock.now()],
      ),
    );
    await goTo(dueAt, 0);
    expect(await standing(partner)).toMatchObject({ state: 'current', since: null, next: { state: 'overdue' } });
    const states: string[] = [];
    for (const days of [3, 5, 14, 21, 35, 36]) {
      await goTo(dueAt, days);
      // Again it changes nothing.
      await Promise.all([run.run(), run.run()]);
      states.push(await stateOf(partner));
      expect((await refusal(partner)) !== null).toBe(days >= 21);
      expect(await inferenceStops(partner)).toHaveLength(days >= 35 ? 1 : 0);
    }
    expect(states).toEqual(['overdue', 'overdue', 'warned', 'no_new_work', 'inference_off', 'inference_off']);
    expect(await refusal(partner)).toContain(
      `invoice ${invoice!.number} not paid, due since ${dueAt.toISOString().slice(0, 10)} (payment within 30 days of the invoice)`,
    );
    expect(await standing(partner)).toMatchObject({
      since: daysAfter(dueAt, 35),
      invoiceIds: [invoice!.id],
      next: null,
    });
    await pay(partner, invoice!.id, 60n, 'in part');
    expect(await stateOf(partner)).toBe('inference_off');
    await pay(partner, invoice!.id, 40n);
    expect(await standing(partner)).toMatchObject({ state: 'current', invoiceIds: [], next: null });
    expect([await refusal(partner), await inferenceStops(partner)]).toEqual([null, []]);
    expect((await mails(partner)).map(({ subject }) => subject)).toEqual([
      'An invoice is overdue',
      'Overdue: new work will be stopped',
      'Overdue: new work is stopped, inference will be',
      'Overdue: new work and inference are stopped',
      'Everything overdue is paid',
    ]);
    const events = await fixture.database.read(partner.scope, (tx) =>
      tx.query('SELECT type, key FROM webhook_deliveries WHERE organization_id = :organization'),
    );
    expect(events).toEqual([{ type: 'invoice.overdue', key: invoice!.id }]);
    const entries = await fixture.database.read(partner.scope, (tx) =>
      tx.query(`SELECT action, target_ids FROM audit_entries
        WHERE organization_id = :organization AND action LIKE 'serviceState.%' ORDER BY sequence`),
    );
    expect(entries).toEqual(
      ['overdue', 'warned', 'no_new_work', 'inference_off', 'current'].map((state) => ({
        action: `serviceState.${state}`,
        target_ids: [invoice!.id],
      })),
    );
  });

  it('goes by the days of its own contract, and names them', async () => {
    const { partner, invoices, dueAt } = await owing(['01'], { terms: termsOf({ paymentDays: 0 }) });
    expect(dueAt).toEqual(invoices[0]!.finalizedAt);
    await goTo(dueAt, 21);
    expect(await refusal(partner)).toContain('(payment on receipt of the invoice)');
  });

  it('does not count once it is paid while others are: refusals name what is left', async () => {
    const { partner, invoices, dueAt } = await owing(['01', '02']);
    const [first, second] = invoices;
    await goTo(dueAt, 66);
    expect(await refusal(partner)).toContain(`invoices ${first!.number}, ${second!.number} not paid`);
    await pay(partner, first!.id, 100n);
    const query = `query($id: ID) { serviceState(organizationId: $id) { state since invoices { id } next { state at } } }`;
    const asked = (who: TestOrganization, id?: string) =>
      graphql.ask(graphql.caller(who, ['invoices:read']), query, { id }).then(({ serviceState }) => serviceState);
    const { organizationId } = partner;
    const shown = { state: 'INFERENCE_OFF', since: daysAfter(dueAt, 66).toISOString(), invoices: [{ id: second!.id }] };
    expect(await asked(partner)).toEqual({ ...shown, next: null });
    expect(await asked(fixture.lab, organizationId)).toEqual({ ...shown, next: null });
    expect(await asked(await testOrganization(fixture.testing), organizationId)).toBeNull();
    expect(await asked(fixture.lab)).toBeNull();
    expect(await refusal(partner)).toContain(`invoice ${second!.number} not paid`);
    expect(await inferenceStops(partner)).toHaveLength(1);
    await pay(partner, second!.id, 100n);
    expect(await stateOf(partner)).toBe('current');
  });

  it('goes on to be dunned where its payment bounces, and no more where it is given up or taken back', async () => {
    const { partner, invoices, dueAt } = await owing(['01']);
    const [{ id }] = invoices as [(typeof invoices)[number]];
    await goTo(dueAt, 22);
    await pay(partner, id, 100n);
    expect(await stateOf(partner)).toBe('current');
    const bounced = { invoiceId: id, paymentKey: `pay ${id}`, at: fixture.clock.now(), reason: 'It bounced' };
    await fixture.asSystem(partner, (tx) => fixture.invoices.recordPaymentReversal(tx, bounced));
    await run.run();
    // It is found by the message, or by the run for what is overdue.
    expect(await stateOf(partner)).toBe('no_new_work');
    await fixture.asLab((tx) => fixture.invoices.markUncollectible(tx, { invoiceId: id, reason: 'Insolvent' }));
    await run.closed({ payload: { invoiceId: id, organizationId: partner.organizationId } } as never);
    expect(await stateOf(partner)).toBe('current');
  });

  it('tells whoever follows that what is open changed, in the transaction of the payment', async () => {
    const { partner, invoices } = await owing(['01']);
    const [{ id }] = invoices as [(typeof invoices)[number]];
    await pay(partner, id, 1n);
    expect(await fixture.published('billing.invoice_balance_changed', id)).toEqual([
      { invoiceId: id, organizationId: partner.organizationId },
    ]);
  });
});
