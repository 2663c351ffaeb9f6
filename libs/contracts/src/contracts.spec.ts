import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, newId } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { InferenceSpending } from './caps/inference-spending.js';
import { SpendCapKeeper } from './caps/spend-cap-keeper.js';
import { EntitlementService } from './entitlement.service.js';
import { EntitlementSubjects } from './entitlement-subjects.js';
import { PriceService } from './pricing/price.service.js';
import type { RateLine } from './rate.js';
import { RateService } from './rate.service.js';
import { ReservationService } from './reservation.service.js';

const DAY = 24 * 3_600_000;
const START = new Date('2026-03-01T00:00:00.000Z');

let testing: TestDatabase;
let database: Database;
let lab: TestOrganization;
let partner: TestOrganization;
let other: TestOrganization;
const clock = new ManualClock(START);

beforeAll(async () => {
  testing = await testDatabase();
  database = await new Database({ appUrl: testing.urls.app, clock }).connect();
  lab = await testOrganization(testing, 'lab');
  partner = await testOrganization(testing);
  other = await testOrganization(testing);
});
afterAll(async () => {
  await database?.close();
  await testing?.drop();
});
beforeEach(() => clock.set(START));

const as = <T>({ scope }: { scope: Scope }, work: (tx: Transaction) => Promise<T>) => database.transaction(scope, work);

describe('entitlements', () => {
  const subjects = new EntitlementSubjects();
  const service = new EntitlementService(clock, subjects);
  const [family, checkpoint] = [newId('fam'), newId('ckpt')];
  beforeAll(() => {
    subjects.answeredBy({
      resolve: async (_tx, id) => {
        const known = { familyId: family, ownerOrganizationId: lab.organizationId };
        if (id === family) return { ...known, checkpointId: null };
        return id === checkpoint ? { ...known, checkpointId: checkpoint } : null;
      },
      termsOf: async () => {
        const license = { organizationId: lab.organizationId, name: 'Open' };
        return new Map([[checkpoint, { license, exportClassification: null, computeRegions: [] }]]);
      },
      variantOf: async () => null,
    });
  });
  const grant = (part: object = {}) =>
    as(lab, (tx) =>
      service.grant(tx, {
        organizationId: partner.organizationId,
        familyId: family,
        actions: ['fine_tune'],
        clause: 'MSA 4.2',
        ...part,
      }),
    );
  const may = (who: TestOrganization, action: 'browse' | 'fine_tune' | 'deploy') =>
    as(who, (tx) => service.may(tx, { action, familyId: family, checkpointId: checkpoint }));

  it('hold for the grantee alone, with sight of what they are for, until they are revoked', async () => {
    const id = await grant();
    expect(await may(partner, 'fine_tune')).toEqual({ allowed: true, entitlementId: id, clause: 'MSA 4.2' });
    expect(await may(partner, 'browse')).toMatchObject({ allowed: true });
    expect(await may(partner, 'deploy')).toMatchObject({ allowed: false, reason: 'action_not_granted' });
    expect(await may(other, 'fine_tune')).toMatchObject({ allowed: false, reason: 'not_granted' });

    await as(lab, (tx) => service.revoke(tx, { entitlementId: id, reason: 'contract ended' }));
    const refusal = as(partner, (tx) =>
      service.assertMay(tx, {
        action: 'fine_tune',
        familyId: family,
        checkpointId: checkpoint,
        subjectName: 'forge-1',
      }),
    );
    await expect(refusal).rejects.toMatchObject({ code: 'NOT_ENTITLED', message: expect.stringContaining('MSA 4.2') });
    await expect(as(lab, (tx) => service.revoke(tx, { entitlementId: id, reason: 'again' }))).rejects.toMatchObject({
      code: 'ENTITLEMENT_REVOKED',
    });
  });

  it('answer for many checkpoints in one statement', async () => {
    const id = await grant({ familyId: null, checkpointId: checkpoint, actions: ['deploy'] });
    const actions = await as(partner, (tx) =>
      service.allowedActions(tx, [
        { familyId: family, checkpointId: checkpoint },
        { familyId: family, checkpointId: newId('ckpt') },
      ]),
    );
    expect(actions).toEqual([['browse', 'deploy'], []]);
    await as(lab, (tx) => service.revoke(tx, { entitlementId: id, reason: 'done' }));
  });

  it.each([
    ['ENTITLEMENT_SUBJECT_INVALID', () => ({ checkpointId: checkpoint })],
    ['ENTITLEMENT_SUBJECT_INVALID', () => ({ familyId: null })],
    ['ENTITLEMENT_SUBJECT_NOT_FOUND', () => ({ familyId: newId('fam') })],
    ['ENTITLEMENT_GRANTEE_NOT_FOUND', () => ({ organizationId: newId('org') })],
    ['ENTITLEMENT_GRANTEE_NOT_FOUND', () => ({ organizationId: lab.organizationId })],
    ['ENTITLEMENT_PERIOD_INVALID', () => ({ validTo: START })],
  ])('are refused with %s', async (code, part) => {
    await expect(grant(part())).rejects.toMatchObject({ code });
  });

  it('can not be made, widened or revived by a partner, whatever the application does', async () => {
    const id = await grant();
    const columns = `(id, organization_id, grantor_organization_id, family_id, subject_family_id, actions, clause, valid_from, granted_by, created_at)`;
    const forged = (grantor: string) =>
      as(partner, (tx) =>
        tx.query(`INSERT INTO entitlements ${columns} VALUES ($1, $2, $3, $4, $4, '{browse}', 'x', $5, 'x', $5)`, [
          newId('ent'),
          partner.organizationId,
          grantor,
          family,
          START,
        ]),
      );
    await expect(forged(lab.organizationId)).rejects.toThrow(/row-level security/);
    await expect(forged(other.organizationId)).rejects.toThrow(/row-level security/);
    await expect(
      as(lab, (tx) => tx.query(`UPDATE entitlements SET actions = '{browse,deploy}' WHERE id = $1`, [id])),
    ).rejects.toThrow(/permission denied/);
    const updated = await as(partner, (tx) =>
      tx.query('UPDATE entitlements SET revoked_at = $2 WHERE id = $1 RETURNING id', [id, START]),
    );
    expect(updated).toEqual([]);
    expect(await as(other, (tx) => tx.query('SELECT id FROM entitlements'))).toEqual([]);
  });
});

describe('rate cards', () => {
  const service = new RateService(clock);
  const prices = new PriceService(clock);
  const family = newId('fam');
  const line = (priceNanos: bigint, part: Partial<RateLine> = {}): RateLine => ({
    meter: 'training_tokens',
    familyId: null,
    checkpointId: null,
    priceNanos,
    perUnits: 1_000_000n,
    ...part,
  });
  const publish = async (priceNanos: bigint, effectiveFrom?: Date, forOrganizationId?: string) => {
    const lines = [line(priceNanos)];
    const id = await as(lab, (tx) => service.draft(tx, { name: 'prices', lines, forOrganizationId }));
    await as(lab, (tx) => service.publish(tx, { rateCardId: id, effectiveFrom }));
    return id;
  };
  const priceFor = (who: TestOrganization, at: Date) =>
    as(who, (tx) =>
      prices.quote(tx, {
        meter: 'training_tokens',
        quantity: 1_000_000n,
        projectId: null,
        familyId: family,
        baseCheckpointId: 'c',
        method: null,
        at,
      }),
    );

  it('supersede one another at their time, and a customer’s own goes before the general one', async () => {
    await expect(priceFor(partner, START)).rejects.toMatchObject({ code: 'NO_PRICE' });
    const first = await publish(5n);
    const later = new Date(START.getTime() + DAY);
    await publish(7n, later);
    await publish(3n, later, partner.organizationId);
    const before = new Date(later.getTime() - 1);
    expect(await priceFor(partner, before)).toMatchObject({
      price: { source: { rateCardId: first } },
      roundedNanos: 5n,
    });
    expect((await priceFor(partner, later)).roundedNanos).toBe(3n);
    expect((await priceFor(other, later)).roundedNanos).toBe(7n);
    // Another customer's prices are not theirs to see.
    expect((await as(other, (tx) => prices.bookFor(tx, partner.organizationId))).cards).toHaveLength(2);
    expect((await as(partner, (tx) => prices.bookFor(tx))).cards).toHaveLength(3);
  });

  it('never change once published', async () => {
    clock.advance(10 * DAY);
    const id = await publish(9n);
    const publishAgain = as(lab, (tx) =>
      service.publish(tx, { rateCardId: id, effectiveFrom: new Date(clock.now().getTime() + DAY) }),
    );
    await expect(publishAgain).rejects.toMatchObject({ code: 'RATE_CARD_PUBLISHED' });
    const changes = [
      `UPDATE rate_card_lines SET price_nanos = 1 WHERE rate_card_id = '${id}'`,
      `DELETE FROM rate_card_lines WHERE rate_card_id = '${id}'`,
      `DELETE FROM rate_cards WHERE id = '${id}'`,
    ];
    for (const sql of changes) await expect(as(lab, (tx) => tx.query(sql))).rejects.toThrow(/permission denied/);
    const addLine = as(lab, (tx) =>
      tx.query(
        `INSERT INTO rate_card_lines VALUES ('${id}', '${lab.organizationId}', 1, 'input_tokens', NULL, NULL, 1, 1)`,
      ),
    );
    await expect(addLine).rejects.toThrow(/takes no more lines/);
    expect(
      await as(lab, (tx) => tx.query(`UPDATE rate_cards SET status = 'draft' WHERE id = $1 RETURNING id`, [id])),
    ).toEqual([]);
  });

  it('refuse a past time, a taken time and lines that say two things', async () => {
    clock.advance(20 * DAY);
    const past = new Date(clock.now().getTime() - 1);
    await expect(publish(1n, past)).rejects.toMatchObject({ code: 'RATE_CARD_RETROACTIVE' });
    await publish(1n);
    await expect(publish(2n)).rejects.toMatchObject({ code: 'RATE_CARD_TIME_TAKEN' });
    const draft = (lines: RateLine[]) => as(lab, (tx) => service.draft(tx, { name: 'x', lines }));
    for (const lines of [[], [line(1n), line(2n)], [line(-1n)], [line(1n, { perUnits: 0n })]])
      await expect(draft(lines)).rejects.toMatchObject({ code: 'RATE_CARD_LINES_INVALID' });
    await expect(as(partner, (tx) => service.draft(tx, { name: 'x', lines: [line(1n)] }))).rejects.toThrow(
      /row-level security/,
    );
  });
});

describe('a reservation', () => {
  const inference = new InferenceSpending();
  inference.answeredBy({ spend: async () => [] });
  const service = new ReservationService(clock, new SpendCapKeeper(clock, inference));
  const reserve = (ownerId: string, capNanos = 100n) =>
    as(partner, (tx) =>
      service.reserve(tx, { ownerId, projectId: partner.projectId, apiKeyId: null, currency: 'USD', capNanos }),
    );
  const settle = (id: string, nanos: bigint) => as(partner, (tx) => service.settle(tx, id, nanos));

  it('is made once per owner', async () => {
    const owner = newId('ftjob');
    const id = await reserve(owner);
    expect(await reserve(owner)).toBe(id);
    await expect(reserve(owner, 101n)).rejects.toMatchObject({ code: 'RESERVATION_DIFFERS' });
  });

  it('settles once, at most to its cap', async () => {
    const id = await reserve(newId('ftjob'));
    expect(await settle(id, 120n)).toMatchObject({ actualNanos: 120n, settledNanos: 100n });
    expect(await settle(id, 120n)).toMatchObject({ status: 'settled', settledNanos: 100n });
    await expect(settle(id, 90n)).rejects.toMatchObject({ code: 'RESERVATION_ENDED' });
    await expect(as(partner, (tx) => service.release(tx, id))).rejects.toMatchObject({ code: 'RESERVATION_ENDED' });
  });

  it('ends once when two end it at the same time', async () => {
    const id = await reserve(newId('ftjob'));
    const ends = await Promise.allSettled([
      settle(id, 10n),
      as(partner, (tx) => service.release(tx, id)),
      settle(id, 20n),
    ]);
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
  });

  it('is released for nothing, and is nobody else’s', async () => {
    const id = await reserve(newId('ftjob'));
    await expect(as(other, (tx) => service.release(tx, id))).rejects.toMatchObject({ code: 'RESERVATION_NOT_FOUND' });
    expect(await as(partner, (tx) => service.release(tx, id))).toMatchObject({
      status: 'released',
      settledNanos: null,
    });
    await expect(settle(id, 1n)).rejects.toMatchObject({ code: 'RESERVATION_ENDED' });
  });
});
