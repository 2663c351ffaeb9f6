import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '#libs/kernel';
import { ContractFixture, END, PRICES, START } from './contract.fixture.js';
import { type ContractVersionState, versionInForce } from './contract.js';
import { signaturesOf, versionsOfContracts } from './contract-version.repository.js';
import { flatRule, termsJson } from './terms.fixture.js';
import { parseTerms } from './terms.js';

const DAY = 86_400_000;
const later = (days: number) => new Date(START.getTime() + days * DAY);
const CHEAPER = parseTerms(termsJson({ prices: [flatRule('input', '2000')] }));
const committed = (amountMinor: string) => {
  const period = { from: '2026-04-01T00:00:00.000Z', to: '2026-07-01T00:00:00.000Z' };
  const commitment = { id: 'c', kind: 'prepaid', amountMinor, ...period, overageBasisPoints: 10_000 };
  return parseTerms(termsJson({ commitments: [commitment] }));
};

let contracts: ContractFixture;
beforeAll(async () => {
  contracts = await ContractFixture.start();
});
afterAll(() => contracts?.stop());
beforeEach(() => contracts.clock.set(START));

describe('a contract', () => {
  it('goes from a draft to an amendment that was accepted, each in force in its time', async () => {
    const { contractId, versionId } = await contracts.draft();
    const draft = await contracts.version(versionId);
    expect(draft).toMatchObject({ number: 1, state: 'draft', effectiveFrom: null });
    expect(sha256Hex(draft.document)).toBe(draft.documentSha256);
    expect(JSON.parse(draft.document)).toMatchObject({
      contractId,
      parties: { partner: { id: contracts.partner.organizationId }, lab: { id: contracts.lab.organizationId } },
      startsAt: null,
      endsAt: END.toISOString(),
      purchaseOrder: 'PO 7',
      terms: { prices: [{ price: { priceNanos: '3000' } }] },
    });
    await contracts.submitAndOffer(versionId);
    contracts.clock.set(later(1));
    await contracts.accept(versionId);
    const accepted = await contracts.contract(contractId);
    expect(accepted).toMatchObject({ state: 'in_force', startsAt: later(1), firstOfferedAt: START });
    // What was signed stays as it was signed; when it took effect is beside it.
    expect(await contracts.version(versionId)).toMatchObject({
      state: 'accepted',
      effectiveFrom: later(1),
      document: draft.document,
      documentSha256: draft.documentSha256,
    });

    const second = await contracts.amend(contractId, { terms: CHEAPER, effectiveFrom: later(30) });
    await contracts.submitAndOffer(second);
    await contracts.accept(second);
    const versions = (await contracts.as(contracts.partner, (tx) => versionsOfContracts(tx, [contractId]))).get(
      contractId,
    )!;
    const numberAt = (at: Date) => versionInForce(accepted, versions, at)?.number;
    expect([START, later(1), later(29), later(30), new Date(END.getTime() - 1), END].map(numberAt)).toEqual([
      undefined,
      1,
      1,
      2,
      2,
      undefined,
    ]);
    const signatures = await contracts.as(contracts.partner, (tx) => signaturesOf(tx, [second]));
    expect(signatures.map(({ side, signatoryName }) => [side, signatoryName])).toEqual([
      ['lab', 'Lena'],
      ['partner', 'Pia'],
    ]);
    expect(new Set(signatures.map(({ documentSha256 }) => documentSha256))).toEqual(
      new Set([versions[1]!.documentSha256]),
    );
  });

  it('can be offered anew with other terms when an offer came to nothing, or be abandoned', async () => {
    const { contractId, versionId } = await contracts.draft();
    await contracts.submitAndOffer(versionId);
    await contracts.decline(versionId);
    const second = await contracts.amend(contractId, { terms: CHEAPER });
    await contracts.submitAndOffer(second);
    await contracts.abandon(contractId);
    expect(await contracts.version(second)).toMatchObject({ state: 'withdrawn', decisionReason: 'no budget' });
    expect(await contracts.contract(contractId)).toMatchObject({ state: 'abandoned' });
    await expect(contracts.amend(contractId)).rejects.toMatchObject({ code: 'CONTRACT_ABANDONED' });
    await expect(contracts.abandon(contractId)).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });

  it('in force can not be abandoned: it ends at its time, and takes no amendments then', async () => {
    const { contractId } = await contracts.inForce();
    await expect(contracts.abandon(contractId)).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    contracts.clock.set(END);
    await expect(contracts.amend(contractId)).rejects.toMatchObject({ code: 'CONTRACT_ENDED' });
  });

  it('has one open version at a time', async () => {
    const { contractId, versionId } = await contracts.draft();
    await expect(contracts.amend(contractId)).rejects.toMatchObject({ code: 'CONTRACT_VERSION_OPEN' });
    await contracts.withdraw(versionId);
    const amendments = await Promise.allSettled([contracts.amend(contractId), contracts.amend(contractId)]);
    const refused = amendments.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(amendments.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(refused.reason).toMatchObject({ code: 'CONTRACT_VERSION_OPEN' });
  });

  it.each([
    ['CONTRACT_PARTNER_NOT_FOUND', () => ({ organizationId: contracts.lab.organizationId })],
    ['CONTRACT_TERM_INVALID', () => ({ startsAt: END })],
    ['CONTRACT_TERM_INVALID', () => ({ endsAt: START })],
    ['CONTRACT_EFFECTIVE_RETROACTIVE', () => ({ startsAt: new Date(START.getTime() - 1) })],
    ['CONTRACT_TERMS_INVALID', () => ({ startsAt: later(60), terms: committed('1') })],
  ])('is not drafted: %s', async (code, part) => {
    await expect(contracts.draft(part())).rejects.toMatchObject({ code });
  });
});

describe('a version', () => {
  const MOVES = {
    in_review: (id: string) => contracts.submit(id),
    offered: (id: string) => contracts.offer(id),
    draft: (id: string) => contracts.returnForWork(id),
    accepted: (id: string) => contracts.accept(id),
    declined: (id: string) => contracts.decline(id),
    withdrawn: (id: string) => contracts.withdraw(id),
  } satisfies Record<ContractVersionState, (id: string) => Promise<void>>;
  const WAYS: Record<ContractVersionState, ContractVersionState[]> = {
    draft: [],
    in_review: ['in_review'],
    offered: ['in_review', 'offered'],
    accepted: ['in_review', 'offered', 'accepted'],
    declined: ['in_review', 'offered', 'declined'],
    withdrawn: ['withdrawn'],
  };
  const ALLOWED: Record<ContractVersionState, ContractVersionState[]> = {
    draft: ['in_review', 'withdrawn'],
    in_review: ['draft', 'offered', 'withdrawn'],
    offered: ['accepted', 'declined', 'withdrawn'],
    accepted: [],
    declined: [],
    withdrawn: [],
  };
  const STATES = Object.keys(ALLOWED) as ContractVersionState[];
  const pairs = STATES.flatMap((from) => STATES.map((to) => [from, to, ALLOWED[from].includes(to)] as const));

  it.each(pairs)('that is %s becomes %s: %s', async (from, to, allowed) => {
    const { versionId } = await contracts.draft();
    for (const step of WAYS[from]) await MOVES[step](versionId);
    const before = await contracts.version(versionId);
    if (allowed) {
      await MOVES[to](versionId);
      expect((await contracts.version(versionId)).state).toBe(to);
      return;
    }
    // Of what it may not see, the partner is told nothing.
    const isHidden = ['accepted', 'declined'].includes(to) && before.offeredAt === null;
    const code = isHidden ? 'CONTRACT_VERSION_NOT_FOUND' : 'INVALID_TRANSITION';
    await expect(MOVES[to](versionId)).rejects.toMatchObject({ code });
    expect(await contracts.version(versionId)).toEqual(before);
  });

  it('changes only while it is a draft, its contract only until it was offered', async () => {
    const { contractId, versionId } = await contracts.draft();
    const revise = (part: object) =>
      contracts.as(contracts.lab, (tx) => contracts.drafting.revise(tx, { contractVersionId: versionId, ...part }));
    await revise({ terms: CHEAPER, name: 'Other', startsAt: later(5), purchaseOrder: null });
    expect(await contracts.contract(contractId)).toMatchObject({
      name: 'Other',
      startsAt: later(5),
      purchaseOrder: null,
    });
    const revised = await contracts.version(versionId);
    expect(revised).toMatchObject({ terms: CHEAPER, effectiveFrom: later(5) });
    expect(JSON.parse(revised.document)).toMatchObject({ name: 'Other', startsAt: later(5).toISOString() });
    await contracts.submit(versionId);
    await expect(revise({ summary: 'x' })).rejects.toMatchObject({ code: 'CONTRACT_VERSION_NOT_DRAFT' });
    await contracts.offer(versionId);
    await contracts.withdraw(versionId);
    const second = await contracts.amend(contractId);
    const frame = { contractVersionId: second, name: 'Third' };
    await expect(contracts.as(contracts.lab, (tx) => contracts.drafting.revise(tx, frame))).rejects.toMatchObject({
      code: 'CONTRACT_FRAME_FIXED',
    });
  });

  it('is approved by somebody who neither drafted, revised nor submitted it', async () => {
    const { versionId } = await contracts.draft();
    const [reviser, submitter, approver] = [1, 2, 3].map(() => contracts.colleague(contracts.lab));
    const revision = { contractVersionId: versionId, summary: 'Reworked.' };
    await contracts.as(reviser!, (tx) => contracts.drafting.revise(tx, revision));
    await contracts.submit(versionId, submitter);
    for (const who of [contracts.lab, reviser!, submitter!])
      await expect(contracts.offer(versionId, who)).rejects.toMatchObject({ code: 'CONTRACT_FOUR_EYES' });
    await contracts.returnForWork(versionId);
    await contracts.submit(versionId);
    // Who once submitted it has had a hand in it.
    await expect(contracts.offer(versionId, submitter)).rejects.toMatchObject({ code: 'CONTRACT_FOUR_EYES' });
    await contracts.offer(versionId, approver);
    expect(await contracts.version(versionId)).toMatchObject({ approvedBy: approver!.scope.actor.id });
  });

  it('is signed as it was read', async () => {
    const { versionId } = await contracts.draft();
    await contracts.submit(versionId);
    const wrong = sha256Hex('another document');
    const changed = { code: 'CONTRACT_DOCUMENT_CHANGED', path: ['documentSha256'] };
    await expect(contracts.offer(versionId, undefined, wrong)).rejects.toMatchObject(changed);
    await contracts.offer(versionId);
    await expect(contracts.accept(versionId, undefined, wrong)).rejects.toMatchObject(changed);
    expect((await contracts.version(versionId)).state).toBe('offered');
  });

  it.each(['accept', 'decline'] as const)('is decided once when two %s at the same time', async (second) => {
    const { contractId, versionId } = await contracts.draft();
    await contracts.submitAndOffer(versionId);
    const [one, other] = [contracts.partner, contracts.colleague(contracts.partner)];
    const decisions = await Promise.allSettled([contracts.accept(versionId, one), contracts[second](versionId, other)]);
    const refused = decisions.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => reason.code)).toEqual(['INVALID_TRANSITION']);
    const { state } = await contracts.version(versionId);
    const contract = await contracts.contract(contractId);
    expect(contract.state).toBe(state === 'accepted' ? 'in_force' : 'negotiating');
  });

  it('is offered once when two approve at the same time, and not when it is withdrawn meanwhile', async () => {
    const { versionId } = await contracts.draft();
    await contracts.submit(versionId);
    const offers = await Promise.allSettled([contracts.offer(versionId), contracts.offer(versionId)]);
    expect(offers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const ends = await Promise.allSettled([contracts.accept(versionId), contracts.withdraw(versionId)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('the time from which a version holds', () => {
  const start = { startsAt: later(5) };

  it('of the first is the start of the contract', async () => {
    const { contractId, versionId } = await contracts.draft(start);
    const at = { contractVersionId: versionId, effectiveFrom: later(6) };
    const code = 'CONTRACT_EFFECTIVE_WITH_START';
    await expect(contracts.as(contracts.lab, (tx) => contracts.drafting.revise(tx, at))).rejects.toMatchObject({
      code,
    });
    await contracts.submitAndOffer(versionId);
    await contracts.accept(versionId);
    expect(await contracts.contract(contractId)).toMatchObject({ state: 'in_force', startsAt: later(5) });
    expect(await contracts.version(versionId)).toMatchObject({ effectiveFrom: later(5) });
  });

  it('is never past, and an offer whose time went by lapses with what to do', async () => {
    const { contractId, versionId } = await contracts.draft(start);
    await contracts.submitAndOffer(versionId);
    contracts.clock.set(later(6));
    await expect(contracts.accept(versionId)).rejects.toMatchObject({
      code: 'CONTRACT_OFFER_LAPSED',
      message: expect.stringContaining('Ask the lab'),
    });
    await contracts.withdraw(versionId);
    await expect(contracts.amend(contractId)).rejects.toMatchObject({ code: 'CONTRACT_START_PASSED' });
    const unoffered = await contracts.draft({ startsAt: later(7) });
    await contracts.submit(unoffered.versionId);
    contracts.clock.set(later(8));
    await expect(contracts.offer(unoffered.versionId)).rejects.toMatchObject({
      code: 'CONTRACT_EFFECTIVE_RETROACTIVE',
    });
  });

  it('lapses too where a commitment was to begin before an acceptance that comes late', async () => {
    const { versionId } = await contracts.draft({ terms: committed('100') });
    await contracts.submitAndOffer(versionId);
    contracts.clock.set(new Date('2026-04-01T00:00:00.001Z'));
    await expect(contracts.accept(versionId)).rejects.toMatchObject({ code: 'CONTRACT_OFFER_LAPSED' });
  });

  it.each([
    ['CONTRACT_EFFECTIVE_RETROACTIVE', { effectiveFrom: later(-1) }],
    ['CONTRACT_EFFECTIVE_NOT_LATER', {}],
    ['CONTRACT_EFFECTIVE_NOT_LATER', { effectiveFrom: later(5) }],
    ['CONTRACT_EFFECTIVE_OUTSIDE_TERM', { effectiveFrom: END }],
  ])('of an amendment lies in the term, after those before: %s', async (code, part) => {
    const { contractId } = await contracts.inForce(start);
    await expect(contracts.amend(contractId, part)).rejects.toMatchObject({ code });
  });

  it('comes with commitments that are only ever raised', async () => {
    const { contractId } = await contracts.inForce({ terms: committed('100') });
    contracts.clock.set(later(1));
    for (const terms of [committed('99'), PRICES])
      await expect(contracts.amend(contractId, { terms })).rejects.toMatchObject({ code: 'CONTRACT_TERMS_INVALID' });
    const raised = await contracts.amend(contractId, { terms: committed('101') });
    await contracts.submitAndOffer(raised);
    await contracts.accept(raised);
    expect(await contracts.version(raised)).toMatchObject({ state: 'accepted', effectiveFrom: later(1) });
  });
});
