import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { TestGraphql, type TestOrganization, testOrganization } from '#test/harness';
import { BillingGraphqlModule } from '../graphql/index.js';
import { type Partnership, PartnershipFixture } from '../invoices/partnership.fixture.js';
import { PaymentApplicationHandler } from '../jobs/payment-application.handler.js';
import { PaymentApplicationService } from './payment-application.service.js';

let fixture: PartnershipFixture;
let applications: PaymentApplicationService;
let handler: PaymentApplicationHandler;
let graphql: TestGraphql;
beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  applications = new PaymentApplicationService(fixture.invoices, fixture.reports, fixture.clock);
  handler = new PaymentApplicationHandler(fixture.database, applications);
  graphql = await TestGraphql.start(fixture.testing, [BillingGraphqlModule], fixture.clock);
});
afterAll(async () => {
  await graphql?.stop();
  await fixture?.stop();
});

/** A partner that owes a dollar for January and one for February, and paid for January so much. */
async function paying(amountMinor: bigint) {
  fixture.clock.set(new Date('2024-01-10T12:00:00.000Z'));
  const partner = await fixture.agree('2024-06-01T00:00:00.000Z');
  for (const month of ['01', '02']) await fixture.use(partner, { at: `2024-${month}-20T00:00:00.000Z`, input: 100 });
  await fixture.at('2024-03-10T00:00:00.000Z');
  const [january, february] = await fixture.issued(partner);
  const paymentKey = newId('btr');
  const at = fixture.clock.now();
  await fixture.asSystem(partner, (tx) =>
    fixture.invoices.recordPayment(tx, { invoiceId: january!.id, paymentKey, amountMinor, at }),
  );
  return { partner, january: january!.id, february: february!.id, paymentKey };
}

const request = (invoiceId: string, amountMinor: bigint | null = null) =>
  fixture.asLab((tx) => applications.request(tx, { invoiceId, amountMinor }));
const unapplied = ({ organizationId }: Partnership) =>
  fixture.asLab((tx) => applications.unapplied(tx, { organizationId, currency: 'USD' }));
const balance = (partner: Partnership) =>
  fixture.asSystem(partner, (tx) => fixture.reports.balance(tx, { account: 'unapplied_payments', currency: 'USD' }));
const of = ({ scope }: TestOrganization, invoiceId: string) =>
  fixture.database.read(scope, (tx) => applications.of(tx, [invoiceId]));

async function post(partner: Partnership, invoiceId: string): Promise<void> {
  const { organizationId } = partner;
  for (const { id: paymentApplicationId } of await of(partner, invoiceId))
    await handler.requested({ payload: { paymentApplicationId, organizationId } } as never);
}

async function standing(partner: Partnership, invoiceId: string) {
  const { state, openMinor } = (await fixture.issued(partner)).find(({ id }) => id === invoiceId)!;
  return [state, openMinor];
}

describe('what was paid beyond what was due', () => {
  it('pays another invoice, as far as it reaches, in the books once', async () => {
    const { partner, february } = await paying(130n);
    expect([await unapplied(partner), await balance(partner)]).toEqual([30n, 30n]);
    await request(february, 10n);
    expect([await unapplied(partner), await balance(partner)]).toEqual([20n, 30n]);
    await post(partner, february);
    await post(partner, february);
    expect(await standing(partner, february)).toEqual(['finalized', 90n]);
    await request(february);
    await post(partner, february);
    expect([await standing(partner, february), await balance(partner)]).toEqual([['finalized', 70n], 0n]);
    expect((await of(partner, february)).map(({ appliedMinor }) => appliedMinor)).toEqual([10n, 20n]);
  });

  it('pays it in full where there is more', async () => {
    const { partner, february } = await paying(500n);
    await request(february);
    await post(partner, february);
    expect([await standing(partner, february), await balance(partner)]).toEqual([['paid', 0n], 300n]);
  });

  it('is asked for within what there is, by one at a time', async () => {
    const { partner, january, february } = await paying(130n);
    await expect(request(february, 0n)).rejects.toMatchObject({ code: 'APPLICATION_EMPTY' });
    await expect(request(january)).rejects.toMatchObject({ code: 'APPLICATION_NOTHING_OPEN' });
    const exceeding = request(february, 31n);
    await expect(exceeding).rejects.toMatchObject({ code: 'APPLICATION_EXCEEDS', path: ['amountMinor'] });
    await expect(exceeding).rejects.toThrow('31 is more than 30 minor units');
    const answers = await Promise.allSettled([request(february, 20n), request(february, 20n), request(february, 20n)]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await request(february);
    expect(await unapplied(partner)).toBe(0n);
    await expect(request(february)).rejects.toMatchObject({ code: 'APPLICATION_NOTHING_UNAPPLIED' });
  });

  it('that went back meanwhile pays nothing', async () => {
    const { partner, january, february, paymentKey } = await paying(130n);
    await request(february);
    const reversal = { invoiceId: january, paymentKey, at: fixture.clock.now(), reason: 'It bounced' };
    await fixture.asSystem(partner, (tx) => fixture.invoices.recordPaymentReversal(tx, reversal));
    await post(partner, february);
    expect(await standing(partner, february)).toEqual(['finalized', 100n]);
    expect((await of(partner, february)).map(({ appliedMinor }) => appliedMinor)).toEqual([0n]);
    expect([await unapplied(partner), await balance(partner)]).toEqual([0n, 0n]);
  });
});

it('is asked for by the lab alone, and seen by both sides', async () => {
  const { partner, february } = await paying(130n);
  const lab = graphql.caller(fixture.lab, ['invoices:read', 'invoices:write']);
  const own = graphql.caller(partner, ['invoices:read']);
  const other = graphql.caller(await testOrganization(fixture.testing), ['invoices:read']);
  const MUTATION = `mutation($input: ApplyUnappliedPaymentsInput!) { applyUnappliedPayments(input: $input) {
    invoice { id } userErrors { code } } }`;
  const input = { invoiceId: february, idempotencyKey: newId('req') };
  const SHOWN = `query($id: ID!) { node(id: $id) { ... on Invoice { unapplied { minor currency }
    paymentApplications { amount { minor } applied { minor } } } } }`;
  const shown = async (caller: typeof lab) => (await graphql.ask(caller, SHOWN, { id: february })).node;

  const byPartner = fixture.database.transaction(partner.scope, (tx) =>
    applications.request(tx, { invoiceId: february, amountMinor: null }),
  );
  await expect(byPartner).rejects.toThrow('row-level security');
  expect(await graphql.ask(lab, MUTATION, { input })).toMatchObject({
    applyUnappliedPayments: { invoice: { id: february }, userErrors: [] },
  });
  const before = {
    unapplied: { minor: '0', currency: 'USD' },
    paymentApplications: [{ amount: { minor: '30' }, applied: null }],
  };
  expect(await shown(lab)).toEqual(before);
  await post(partner, february);
  const after = { ...before, paymentApplications: [{ amount: { minor: '30' }, applied: { minor: '30' } }] };
  expect(await shown(lab)).toEqual(after);
  expect(await shown(own)).toEqual(after);
  expect(await shown(other)).toBeNull();
});
