import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ContractFixture, END, START } from '../contract/contract.fixture.js';
import { flatRule, termsJson } from '../contract/terms.fixture.js';
import { parseTerms } from '../contract/terms.js';
import { RateService } from '../rate.service.js';
import { PriceService } from './price.service.js';
import type { PricedUsage } from './price-book.js';

const MILLION = 1_000_000n;
const AMENDED = new Date('2026-05-01T00:00:00.000Z');

let fixture: ContractFixture;
let prices: PriceService;
let rateCardId: string;
let contractId: string;

const rule = (id: string, priceNanos: string, match: object = {}) =>
  flatRule(id, priceNanos, { meter: 'training_tokens', match });

beforeAll(async () => {
  fixture = await ContractFixture.start();
  prices = new PriceService(fixture.clock);
  const rates = new RateService(fixture.clock);
  fixture.clock.set(new Date(START.getTime() - 86_400_000));
  rateCardId = await fixture.as(fixture.lab, async (tx) => {
    const everything = { familyId: null, checkpointId: null, perUnits: MILLION };
    const lines = (['training_tokens', 'output_tokens'] as const).map((meter) => ({
      ...everything,
      meter,
      priceNanos: 100n,
    }));
    const id = await rates.draft(tx, { name: 'list', lines });
    await rates.publish(tx, { rateCardId: id });
    return id;
  });
  fixture.clock.set(START);
  const first = parseTerms(
    termsJson({
      prices: [
        rule('all', '50'),
        rule('lora', '40', { method: 'lora' }),
        rule('family', '30', { familyId: 'fam_1' }),
        rule('project', '20', { projectId: fixture.partner.projectId, method: 'lora' }),
      ],
      discounts: [{ id: 'half', basisPoints: 5_000, meters: ['training_tokens'] }],
    }),
  );
  ({ contractId } = await fixture.inForce({ terms: first }));
  const second = await fixture.amend(contractId, {
    effectiveFrom: AMENDED,
    terms: parseTerms(
      termsJson({
        prices: [
          {
            id: 'tiers',
            meter: 'training_tokens',
            match: {},
            price: {
              kind: 'graduated',
              tiers: [
                { upTo: '1000', priceNanos: '1', perUnits: '1', feeNanos: '0' },
                { upTo: null, priceNanos: '3', perUnits: '1', feeNanos: '500' },
              ],
            },
          },
        ],
      }),
    ),
  });
  await fixture.submitAndOffer(second);
  await fixture.accept(second);
});
afterAll(() => fixture?.stop());

const quote = (who: 'partner' | 'other', part: Partial<PricedUsage & { at: Date; quantity: bigint }> = {}) =>
  fixture.as(fixture[who], (tx) =>
    prices.quote(tx, {
      meter: 'training_tokens',
      quantity: MILLION,
      projectId: null,
      familyId: 'fam_9',
      baseCheckpointId: 'ckpt_9',
      method: null,
      at: START,
      ...part,
    }),
  );

it('goes by the contract exactly while it is in force, else by the rate card, and for nobody else by either', async () => {
  const costAt = async (at: Date) => (await quote('partner', { at })).roundedNanos;
  const before = (time: Date) => new Date(time.getTime() - 1);
  expect([await costAt(before(START)), await costAt(START), await costAt(before(AMENDED))]).toEqual([100n, 25n, 25n]);
  // A million at three, and the fee of the tier: the most that it can come to.
  expect([await costAt(AMENDED), await costAt(before(END))]).toEqual([3_000_500n, 3_000_500n]);
  expect((await quote('partner', { at: END })).price.source).toEqual({ kind: 'rate_card', rateCardId });
  expect((await quote('other')).price).toMatchObject({ source: { rateCardId }, currency: 'USD' });
  expect((await quote('partner')).price).toMatchObject({ source: { contractId, versionNumber: 1 }, currency: 'EUR' });
});

it('knows project, family and method, and the nearest of them counts', async () => {
  const { projectId } = fixture.partner;
  const ruleOf = async (part: Partial<PricedUsage>) => (await quote('partner', part)).price.rule.id;
  expect(await ruleOf({ method: 'lora' })).toBe('lora');
  expect(await ruleOf({ method: 'lora', familyId: 'fam_1' })).toBe('family');
  expect(await ruleOf({ method: 'lora', familyId: 'fam_1', projectId })).toBe('project');
  expect(await ruleOf({ method: 'full', familyId: 'fam_1', projectId })).toBe('family');
});

it('shows per checkpoint what a quote would say, training as it is done', async () => {
  const subject = { familyId: 'fam_9', baseCheckpointId: 'ckpt_9' };
  const [shown] = await fixture.as(fixture.partner, (tx) => prices.pricesOf(tx, [subject], { at: START }));
  expect(shown!.map(({ rule: { id } }) => id)).toEqual(['lora']);
});

it('refuses what the contract does not price, and names the contract, its version and the clause', async () => {
  const refused = quote('partner', { meter: 'output_tokens' });
  await expect(refused).rejects.toMatchObject({ code: 'NO_PRICE' });
  await expect(refused).rejects.toThrow(
    `the clause "prices" of version 1 of the contract Master agreement (${contractId}), which is in force, has no rule for it`,
  );
  expect((await quote('other', { meter: 'output_tokens' })).roundedNanos).toBe(100n);
  await expect(quote('other', { meter: 'input_tokens' })).rejects.toThrow('no published rate card has a line for it');
});

it('lets the lab see the prices of its partner, and no other partner', async () => {
  const bookSeenBy = (who: 'lab' | 'other') =>
    fixture.as(fixture[who], (tx) => prices.bookFor(tx, fixture.partner.organizationId));
  expect((await bookSeenBy('lab')).contracts).toHaveLength(1);
  expect((await bookSeenBy('other')).contracts).toEqual([]);
});

it('goes by the contract that began first where two are in force, as billing does', async () => {
  fixture.clock.set(new Date(START.getTime() + 1_000));
  const terms = parseTerms(termsJson({ prices: [rule('later', '1'), flatRule('new', '1')] }));
  await fixture.inForce({ name: 'Side letter', terms });
  const at = new Date(START.getTime() + 2_000);
  expect((await quote('partner', { at })).price).toMatchObject({ rule: { id: 'all' }, source: { contractId } });
  await expect(quote('partner', { at, meter: 'input_tokens' })).rejects.toThrow('Master agreement');
});
