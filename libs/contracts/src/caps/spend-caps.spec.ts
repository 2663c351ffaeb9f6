import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { newId } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { type TestOrganization, testOrganization } from '#test/harness';
import { ContractFixture } from '../contract/contract.fixture.js';
import { ReservationService } from '../reservation.service.js';
import { type InferenceSpend, InferenceSpending } from './inference-spending.js';
import { leftOf, type SpendCapTerms, type Spender } from './spend-cap.js';
import { findCaps } from './spend-cap.repository.js';
import { type CapGround, SpendCapService } from './spend-cap.service.js';
import { findAlertedPercents } from './spend-cap-alert.js';
import { SpendCapKeeper } from './spend-cap-keeper.js';

const JUNE = new Date('2026-06-15T12:00:00.000Z');
const JULY = new Date('2026-07-01T00:00:00.000Z');
const SPENDERS = 64;

let fixture: ContractFixture;
let database: Database;
let partner: TestOrganization;
let keeper: SpendCapKeeper;
let caps: SpendCapService;
let reservations: ReservationService;
/** What usage would answer, by when it became final on record. */
let inference: Array<InferenceSpend & { finalAt: Date }>;

beforeAll(async () => {
  fixture = await ContractFixture.start();
  const { app: appUrl } = fixture.testing.urls;
  database = await new Database({ appUrl, poolSize: 20, clock: fixture.clock }).connect();
  const spending = new InferenceSpending();
  spending.answeredBy({
    spend: async (_tx, { startsAt, endsAt, finalAfter, finalUntil }) =>
      inference.filter(({ at, finalAt }) => {
        const isInSpan = at >= startsAt && (!endsAt || at < endsAt);
        return isInSpan && (!finalAfter || finalAt > finalAfter) && finalAt <= finalUntil;
      }),
  });
  keeper = new SpendCapKeeper(fixture.clock, spending);
  caps = new SpendCapService(fixture.clock, keeper);
  reservations = new ReservationService(fixture.clock, keeper);
});
afterAll(async () => {
  await database?.close();
  await fixture?.stop();
});
beforeEach(async () => {
  fixture.clock.set(JUNE);
  inference = [];
  partner = await testOrganization(fixture.testing);
});

const as = <T>({ scope }: { scope: Scope }, work: (tx: Transaction) => Promise<T>) => database.transaction(scope, work);
const spender = (part: Partial<Spender> = {}): Spender => ({
  projectId: partner.projectId,
  apiKeyId: null,
  currency: 'EUR',
  ...part,
});
const terms = (part: Partial<SpendCapTerms> = {}): SpendCapTerms => ({
  organizationId: partner.organizationId,
  projectId: null,
  apiKeyId: null,
  limitNanos: 1_000n,
  currency: 'EUR',
  period: 'month',
  isHard: true,
  alertPercents: [],
  ...part,
});
const set = (part: Partial<SpendCapTerms> = {}, who: { scope: Scope } = partner, ground: CapGround | null = null) =>
  as(who, (tx) => caps.set(tx, terms(part), ground));
const reserve = (capNanos: bigint, part: Partial<Spender> = {}) =>
  as(partner, (tx) => reservations.reserve(tx, { ownerId: newId('ftjob'), ...spender(part), capNanos }));
const settle = (id: string, nanos: bigint) => as(partner, (tx) => reservations.settle(tx, id, nanos));
const release = (id: string) => as(partner, (tx) => reservations.release(tx, id));
const usedOf = (capId: string, who: { scope: Scope } = partner) =>
  as(who, async (tx) => {
    const [counted] = await keeper.measured(tx, await findCaps(tx, [capId]), fixture.clock.now());
    return { held: counted!.window.heldNanos, spent: counted!.window.spentNanos, left: leftOf(counted!) };
  });
/** In the present window. */
const alerted = (capId: string) =>
  as(partner, async (tx) => {
    const measured = await keeper.measured(tx, await findCaps(tx, [capId]), fixture.clock.now());
    return (await findAlertedPercents(tx, measured)).get(capId) ?? [];
  });
/** As the relay, which alone sees what waits in the outbox. */
async function messagesOf(capId: string): Promise<number> {
  const client = new pg.Client({ connectionString: fixture.testing.urls.relay });
  await client.connect();
  try {
    const sql = `SELECT FROM outbox WHERE type = 'contracts.cap_threshold_reached' AND payload ->> 'capId' = $1`;
    return (await client.query(sql, [capId])).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
/** A contract in force with the partner of this test, in EUR. */
async function groundWith({ organizationId }: TestOrganization): Promise<CapGround> {
  const drafted = await fixture.draft({ organizationId, endsAt: new Date('2027-06-01T00:00:00.000Z') });
  await fixture.submitAndOffer(drafted.versionId);
  await fixture.accept(drafted.versionId, partner);
  return { contractId: drafted.contractId, clause: '7.2 Spending' };
}

describe('64 who spend at once', () => {
  it('overshoot none of several caps by anything, and leave nothing behind', async () => {
    const ground = await groundWith(partner);
    const labs = await set({ limitNanos: 999n }, fixture.lab, ground);
    const whole = await set({ limitNanos: 500n });
    const project = await set({ projectId: partner.projectId, limitNanos: 333n, period: 'total' });
    const results = await Promise.allSettled(Array.from({ length: SPENDERS }, (_, i) => reserve(BigInt(10 + (i % 5)))));
    const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(new Set(refusals)).toEqual(new Set(['SPEND_CAP_EXCEEDED']));
    const held = (await usedOf(project)).held;
    expect(held).toBeLessThanOrEqual(333n);
    // The smallest asked for 10, and was refused.
    expect(held).toBeGreaterThan(333n - 14n);
    for (const cap of [labs, whole]) expect((await usedOf(cap)).held).toBe(held);

    const settled = await Promise.all(ids.map((id, i) => (i % 2 ? settle(id, 5n) : release(id))));
    const spent = settled.reduce((sum, { settledNanos }) => sum + (settledNanos ?? 0n), 0n);
    for (const cap of [labs, whole, project]) expect(await usedOf(cap)).toMatchObject({ held: 0n, spent });
    expect(await as(partner, (tx) => tx.query('SELECT FROM reservation_holds'))).toEqual([]);
  });

  it('are counted exactly by caps that are set, replaced and removed among them', async () => {
    const work = Array.from({ length: SPENDERS }, async (_, i) => {
      if (i % 16 === 7) return set({ limitNanos: BigInt(10_000 + i) });
      const id = await reserve(10n);
      if (i % 2) await settle(id, 4n);
      return id;
    });
    await Promise.all(work);
    const capId = await set({ limitNanos: 5_000n });
    const [row] = await as(partner, (tx) =>
      tx.query<{ held: string; spent: string }>(
        `SELECT coalesce(sum(cap_nanos) FILTER (WHERE status = 'held'), 0) AS held, sum(settled_nanos) AS spent
         FROM reservations WHERE organization_id = :organization`,
      ),
    );
    expect(await usedOf(capId)).toMatchObject({ held: BigInt(row!.held), spent: BigInt(row!.spent) });
    expect(BigInt(row!.held)).toBeGreaterThan(0n);
  });
});

describe('a refusal', () => {
  it('names the cap, what is left of it and the clause; and nothing is reserved', async () => {
    const ground = await groundWith(partner);
    const capId = await set({ limitNanos: 100n }, fixture.lab, ground);
    await settle(await reserve(40n), 30n);
    await reserve(20n);
    await expect(reserve(51n)).rejects.toMatchObject({
      code: 'SPEND_CAP_EXCEEDED',
      details: {
        capId,
        limit: '0.0000001 EUR a month',
        spent: '0.00000003 EUR',
        held: '0.00000002 EUR',
        left: '0.00000005 EUR',
        asked: '0.000000051 EUR',
        clause: ` (clause "7.2 Spending" of the contract ${ground.contractId})`,
      },
    });
    const [{ count }] = (await as(partner, (tx) =>
      tx.query('SELECT count(*)::int AS count FROM reservations WHERE organization_id = :organization'),
    )) as [{ count: number }];
    expect(count).toBe(2);
    await reserve(50n);
    await expect(as(partner, (tx) => reservations.assertLeft(tx, spender()))).rejects.toMatchObject({
      code: 'SPEND_CAP_EXCEEDED',
    });
  });

  it('comes from caps on what spends, in their own currency, and from no soft one', async () => {
    const key = newId('key');
    await as(partner, (tx) =>
      tx.query(
        `INSERT INTO api_keys (id, organization_id, user_id, name, hint, secret_sha256, scopes, created_by, created_at)
         VALUES ($1, :organization, $2, 'k', 'h', $1, '{}', 'x', $3)`,
        [key, partner.scope.actor.id, JUNE],
      ),
    );
    await set({ apiKeyId: key, limitNanos: 10n });
    await set({ limitNanos: 0n, isHard: false });
    await expect(reserve(11n, { apiKeyId: key })).rejects.toMatchObject({ code: 'SPEND_CAP_EXCEEDED' });
    await reserve(11n, { apiKeyId: key, currency: 'USD' });
    await reserve(11n, { apiKeyId: newId('key') });
    await reserve(10n, { apiKeyId: key });
  });
});

describe('a window', () => {
  it('is a calendar month: what was reserved before its end is settled in it', async () => {
    fixture.clock.set(new Date('2026-06-30T23:59:59.999Z'));
    const capId = await set({ limitNanos: 100n });
    const june = await reserve(100n);
    await expect(reserve(1n)).rejects.toMatchObject({ code: 'SPEND_CAP_EXCEEDED' });
    fixture.clock.set(new Date('2026-07-01T00:00:00.000Z'));
    await reserve(70n);
    await settle(june, 90n);
    expect(await usedOf(capId)).toEqual({ held: 70n, spent: 0n, left: 30n });
    fixture.clock.set(JUNE);
    expect(await usedOf(capId)).toEqual({ held: 0n, spent: 90n, left: 10n });
  });

  it('begins with what was held and spent before its cap was set, and lasts beyond the cap', async () => {
    const earlier = await reserve(40n);
    await settle(await reserve(30n), 20n);
    const first = await set({ limitNanos: 100n });
    expect(await usedOf(first)).toEqual({ held: 40n, spent: 20n, left: 40n });
    const second = await set({ limitNanos: 70n });
    expect(await usedOf(second)).toEqual({ held: 40n, spent: 20n, left: 10n });
    await settle(earlier, 15n);
    for (const cap of [first, second]) expect(await usedOf(cap)).toMatchObject({ held: 0n, spent: 35n });
    const [replaced] = await as(partner, (tx) => findCaps(tx, [first]));
    expect(replaced).toMatchObject({ endedBy: partner.scope.actor.id, endedAt: JUNE });
  });

  it('counts inference once, when it became final, in the month in which it was admitted', async () => {
    const at = (time: string) => new Date(`2026-${time}Z`);
    const used = (nanos: bigint, admitted: string, final: string) =>
      inference.push({ ...spender(), nanos, at: at(admitted), finalAt: at(final) });
    used(30n, '06-10T00:00:00', '06-10T00:01:00');
    const early = await set({ limitNanos: 100n });
    const count = (until: string) => as(partner, (tx) => keeper.countInference(tx, at(until)));
    await count('06-15T12:00:00');
    await count('06-15T12:00:00');
    expect(await usedOf(early)).toMatchObject({ spent: 30n });
    used(5n, '06-12T00:00:00', '06-16T00:00:00');
    // Known, and not yet counted in any window.
    const late = await set({ projectId: partner.projectId, limitNanos: 100n });
    expect(await usedOf(late)).toMatchObject({ spent: 30n });
    await count('06-17T00:00:00');
    for (const cap of [early, late]) expect(await usedOf(cap)).toMatchObject({ spent: 35n });
    fixture.clock.set(at('07-02T00:00:00'));
    used(7n, '06-30T23:00:00', '07-01T01:00:00');
    used(65n, '07-01T00:00:00', '07-01T02:00:00');
    await count('07-02T00:00:00');
    expect(await usedOf(early)).toMatchObject({ spent: 65n });
    fixture.clock.set(JUNE);
    expect(await usedOf(early)).toMatchObject({ spent: 42n });
  });
});

describe('thresholds', () => {
  it('are told of once in a window, with what carries the message', async () => {
    const capId = await set({ limitNanos: 100n, isHard: false, alertPercents: [50, 80, 100] });
    const first = await reserve(49n);
    expect(await alerted(capId)).toEqual([]);
    await reserve(1n);
    expect(await alerted(capId)).toEqual([50]);
    await release(first);
    await reserve(49n);
    await as(partner, (tx) => reservations.charge(tx, { ownerId: newId('evalrun'), ...spender(), nanos: 60n }));
    expect(await alerted(capId)).toEqual([50, 80, 100]);
    expect(await messagesOf(capId)).toBe(3);
    expect(await usedOf(capId)).toEqual({ held: 50n, spent: 60n, left: 0n });
    fixture.clock.set(JULY);
    expect(await alerted(capId)).toEqual([]);
  });

  it('that are reached already are told of when the cap is set', async () => {
    await reserve(60n);
    expect(await alerted(await set({ limitNanos: 100n, alertPercents: [50, 80] }))).toEqual([50]);
  });
});

describe('caps of two sides', () => {
  it("never are above the lab's, which the partner can not remove", async () => {
    const ground = await groundWith(partner);
    const labs = await set({ limitNanos: 100n }, fixture.lab, ground);
    await expect(set({ limitNanos: 101n })).rejects.toMatchObject({
      code: 'SPEND_CAP_ABOVE_LAB',
      details: { id: labs },
    });
    const own = await set({ limitNanos: 100n });
    await set({ limitNanos: 500n, period: 'total' });
    const remove = (who: { scope: Scope }, id: string) => as(who, (tx) => caps.remove(tx, id));
    await expect(remove(partner, labs)).rejects.toMatchObject({ code: 'SPEND_CAP_OF_LAB' });
    await expect(remove(fixture.lab, own)).rejects.toMatchObject({ code: 'SPEND_CAP_NOT_FOUND' });
    await expect(remove(fixture.other, own)).rejects.toMatchObject({ code: 'SPEND_CAP_NOT_FOUND' });
    await reserve(60n);
    expect(await usedOf(labs, fixture.lab)).toMatchObject({ held: 60n });
    await remove(partner, own);
    await remove(fixture.lab, labs);
    await expect(remove(fixture.lab, labs)).rejects.toMatchObject({ code: 'SPEND_CAP_NOT_FOUND' });
    await reserve(60n);
  });

  it.each<[string, string, Partial<SpendCapTerms>, boolean]>([
    ['SPEND_CAP_INVALID', 'a limit below zero', { limitNanos: -1n }, false],
    ['SPEND_CAP_INVALID', 'thresholds that do not rise', { alertPercents: [80, 50] }, false],
    ['SPEND_CAP_INVALID', 'two subjects', { projectId: newId('proj'), apiKeyId: newId('key') }, false],
    ['SPEND_CAP_SUBJECT_NOT_FOUND', 'a project of nobody', { projectId: newId('proj') }, false],
    ['SPEND_CAP_INVALID', 'another currency than the contract', { currency: 'USD' }, true],
    ['SPEND_CAP_SUBJECT_NOT_FOUND', 'a key of nobody', { apiKeyId: newId('key') }, true],
  ])('are refused with %s for %s', async (code, _what, part, isByLab) => {
    const ground = isByLab ? await groundWith(partner) : null;
    await expect(set(part, isByLab ? fixture.lab : partner, ground)).rejects.toMatchObject({ code });
  });

  it("are refused for another partner's project and under another partner's contract", async () => {
    const ground = await groundWith(partner);
    const theirs = { projectId: fixture.other.projectId };
    await expect(set(theirs)).rejects.toMatchObject({ code: 'SPEND_CAP_SUBJECT_NOT_FOUND' });
    await expect(set(theirs, fixture.lab, ground)).rejects.toMatchObject({ code: 'SPEND_CAP_SUBJECT_NOT_FOUND' });
    const forOther = { organizationId: fixture.other.organizationId };
    await expect(set(forOther, fixture.lab, ground)).rejects.toMatchObject({ code: 'CONTRACT_NOT_FOUND' });
    await expect(set(forOther)).rejects.toMatchObject({ code: 'SPEND_CAP_INVALID' });
  });
});

type Act =
  | { kind: 'reserve'; nanos: number }
  | { kind: 'settle'; which: number; nanos: number }
  | { kind: 'release'; which: number }
  | { kind: 'set'; nanos: number };

it('any history comes to what a ledger kept by hand comes to', async () => {
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ kind: fc.constant('reserve' as const), nanos: fc.nat(60) }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat(), nanos: fc.nat(80) }),
    fc.record({ kind: fc.constant('release' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('set' as const), nanos: fc.nat(150) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 14 }), async (acts) => {
      partner = await testOrganization(fixture.testing);
      const held = new Map<string, bigint>();
      let [spent, limit, capId] = [0n, null as bigint | null, ''];
      const sum = () => [...held.values()].reduce((one, other) => one + other, 0n);
      for (const one of acts) {
        const ids = [...held.keys()];
        if (one.kind === 'set') [limit, capId] = [BigInt(one.nanos), await set({ limitNanos: BigInt(one.nanos) })];
        else if (one.kind === 'reserve') {
          const nanos = BigInt(one.nanos);
          const fits = limit === null || sum() + spent + nanos <= limit || nanos === 0n;
          const id = await reserve(nanos).catch(({ code }) => code as string);
          expect([nanos, id !== 'SPEND_CAP_EXCEEDED']).toEqual([nanos, fits]);
          if (fits) held.set(id, nanos);
        } else if (ids.length > 0) {
          const id = ids[one.which % ids.length]!;
          if (one.kind === 'release') await release(id);
          else {
            const { settledNanos } = await settle(id, BigInt(one.nanos));
            spent += settledNanos!;
          }
          held.delete(id);
        }
        if (capId) expect(await usedOf(capId)).toMatchObject({ held: sum(), spent });
      }
    }),
    { numRuns: 12 },
  );
});
