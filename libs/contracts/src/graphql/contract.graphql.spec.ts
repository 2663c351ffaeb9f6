import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '#libs/identity';
import { ManualClock, newId, sha256Hex } from '#libs/kernel';
import { Database } from '#platform/database';
import { type TestDatabase, TestGraphql, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { ServiceStopService } from '../service-stops/service-stop.service.js';
import { ContractsGraphqlModule } from './index.js';

const clock = new ManualClock(new Date('2026-03-10T12:00:00.000Z'));
let testing: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
const callers: Record<'billing' | 'approver' | 'buyer' | 'auditor' | 'labAuditor' | 'engineer' | 'other', string> =
  {} as never;

beforeAll(async () => {
  testing = await testDatabase();
  graphql = await TestGraphql.start(testing, [ContractsGraphqlModule], clock);
  [lab, partner] = [await testOrganization(testing, 'lab'), await testOrganization(testing)];
  const other = await testOrganization(testing);
  const person = (organization: TestOrganization, role: Role) => {
    const scope = { ...organization.scope, actor: { type: 'user', id: newId('user') } as const };
    return graphql.caller({ ...organization, scope }, ROLES[role].permissions);
  };
  callers.billing = person(lab, 'lab_billing_admin');
  callers.approver = person(lab, 'lab_approver');
  callers.labAuditor = person(lab, 'auditor');
  callers.buyer = person(partner, 'billing_admin');
  callers.auditor = person(partner, 'auditor');
  callers.engineer = person(partner, 'partner_engineer');
  callers.other = person(other, 'partner_admin');
});
afterAll(async () => {
  await graphql?.stop();
  await testing?.drop();
});

const TERMS = {
  prices: [
    { id: 'input', meter: 'INPUT_TOKENS', flat: { priceNanos: '3000', perUnits: '1000000' } },
    {
      id: 'output',
      meter: 'OUTPUT_TOKENS',
      match: { familyId: 'fam_x' },
      graduated: {
        tiers: [
          { upTo: '1000', priceNanos: '2', perUnits: '1', feeNanos: '5' },
          { priceNanos: '1', perUnits: '1' },
        ],
      },
    },
    { id: 'gpu', meter: 'GPU_SECONDS', package: { priceNanos: '2000000000', packageUnits: '3600' } },
  ],
  discounts: [{ id: 'launch', basisPoints: 500 }],
  commitments: [
    { id: 'year', kind: 'PREPAID', amountMinor: '120000', from: '2026-04-01T00:00:00Z', to: '2027-04-01T00:00:00Z' },
  ],
  paymentDays: 45,
  retention: { uploadDays: 90 },
};
const contract = (part: object = {}) => ({
  organizationId: partner.organizationId,
  name: 'Master agreement',
  currency: 'EUR',
  endsAt: '2027-04-01T00:00:00Z',
  graceDays: 3,
  summary: 'As discussed.',
  terms: TERMS,
  ...part,
});
const signing = (contractVersionId: string, documentSha256: string) => ({
  contractVersionId,
  documentSha256,
  signatoryName: 'Pia Partner',
  signatoryTitle: 'Head of Finance',
});
const VERSION = 'contractVersion { id state documentSha256 effectiveFrom }';
const act = (who: string, name: string, input: object) => graphql.mutate(who, name, input, VERSION);

async function offered(): Promise<{ contractId: string; versionId: string; hash: string }> {
  const drafted = await graphql.mutate(callers.billing, 'draftContract', contract(), `contract { id } ${VERSION}`);
  expect(drafted.userErrors).toEqual([]);
  const { id: versionId, documentSha256: hash } = drafted.contractVersion;
  await act(callers.billing, 'submitContractVersion', { contractVersionId: versionId });
  const offer = await act(callers.approver, 'offerContractVersion', signing(versionId, hash));
  expect(offer).toMatchObject({ contractVersion: { state: 'OFFERED' }, userErrors: [] });
  return { contractId: drafted.contract.id, versionId, hash };
}

const CONTRACT = `id name currency startsAt endsAt graceDays purchaseOrder state organization { id name } lab { id name }
  versions { id number state } versionInForce { number }`;
const WHOLE_VERSION = `number state effectiveFrom summary document documentSha256 contract { id }
  drafter { id } returnReason signatures { side signatoryName signatoryTitle documentSha256 userId }
  redline { clause path before after }
  terms { minimumMinor taxBasisPoints paymentDays retention { uploadDays afterEndDays } discounts { id basisPoints meters }
    commitments { id kind amountMinor from to overageBasisPoints }
    prices { id meter match { familyId projectId } flat { priceNanos perUnits } package { priceNanos packageUnits }
      graduated { tiers { upTo priceNanos perUnits feeNanos } } volume { tiers { upTo } } } }`;

describe('contracts', () => {
  it('are drafted, reviewed, offered, accepted and amended', async () => {
    const { contractId, versionId, hash } = await offered();
    const accepted = await act(callers.buyer, 'acceptContractVersion', signing(versionId, hash));
    expect(accepted).toMatchObject({
      contractVersion: { state: 'ACCEPTED', effectiveFrom: clock.now().toISOString() },
      userErrors: [],
    });
    clock.advance(1000);
    const [input, ...rest] = TERMS.prices;
    const cheaper = { ...input, flat: { priceNanos: '2000', perUnits: '1000000' } };
    const amendment = { contractId, summary: 'Cheaper.', terms: { ...TERMS, prices: [cheaper, ...rest] } };
    const amended = await act(callers.billing, 'amendContract', amendment);
    const secondId = amended.contractVersion.id;
    await act(callers.billing, 'submitContractVersion', { contractVersionId: secondId });
    const returned = { contractVersionId: secondId, reason: 'say why' };
    expect(await act(callers.approver, 'returnContractVersion', returned)).toMatchObject({
      contractVersion: { state: 'DRAFT' },
    });
    const revision = { contractVersionId: secondId, summary: 'Cheaper, as of now.' };
    const revised = await act(callers.billing, 'reviseContractVersion', revision);
    await act(callers.billing, 'submitContractVersion', { contractVersionId: secondId });
    const { documentSha256 } = revised.contractVersion;
    await act(callers.approver, 'offerContractVersion', signing(secondId, documentSha256));
    await act(callers.buyer, 'acceptContractVersion', signing(secondId, documentSha256));

    const query = `query($id: ID!, $second: ID!) { node(id: $id) { ... on Contract { ${CONTRACT} } }
      second: node(id: $second) { ... on ContractVersion { ${WHOLE_VERSION} } } }`;
    const { node, second } = await graphql.ask(callers.buyer, query, { id: contractId, second: secondId });
    expect(node).toMatchObject({
      state: 'IN_FORCE',
      lab: { id: lab.organizationId },
      organization: { id: partner.organizationId },
      versions: [
        { number: 1, state: 'ACCEPTED' },
        { number: 2, state: 'ACCEPTED' },
      ],
      versionInForce: { number: 2 },
    });
    expect(second).toMatchObject({
      summary: 'Cheaper, as of now.',
      contract: { id: contractId },
      drafter: null,
      returnReason: null,
      signatures: [{ side: 'LAB' }, { side: 'PARTNER', signatoryName: 'Pia Partner', documentSha256 }],
      terms: {
        minimumMinor: '0',
        taxBasisPoints: 0,
        paymentDays: 45,
        retention: { uploadDays: 90, afterEndDays: null },
        discounts: [{ id: 'launch', basisPoints: 500, meters: null }],
        commitments: [{ id: 'year', kind: 'PREPAID', amountMinor: '120000', overageBasisPoints: 10_000 }],
        prices: [
          {
            id: 'input',
            flat: { priceNanos: '2000', perUnits: '1000000' },
            graduated: null,
            match: { familyId: null },
          },
          {
            id: 'output',
            match: { familyId: 'fam_x' },
            graduated: {
              tiers: [
                { upTo: '1000', feeNanos: '5' },
                { upTo: null, feeNanos: '0' },
              ],
            },
          },
          { id: 'gpu', package: { priceNanos: '2000000000', packageUnits: '3600' } },
        ],
      },
    });
    const dates = [accepted.contractVersion.effectiveFrom, clock.now().toISOString()].map((date) =>
      JSON.stringify(date),
    );
    expect(second.redline).toEqual([
      { clause: 'EFFECTIVE_DATE', path: ['effectiveFrom'], before: dates[0], after: dates[1] },
      { clause: 'PRICES', path: ['prices', 'input', 'price', 'priceNanos'], before: '"3000"', after: '"2000"' },
    ]);
    expect(sha256Hex(second.document)).toBe(documentSha256);
    await expectAudit('acceptContractVersion', secondId);
  });

  it('are seen by those who may, when they may', async () => {
    const drafted = await graphql.mutate(callers.billing, 'draftContract', contract(), `contract { id } ${VERSION}`);
    const ids = [drafted.contract.id, drafted.contractVersion.id];
    const nodes = async (who: string) => {
      const { nodes } = await graphql.ask(who, 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
      return nodes.map((node: { id: string } | null) => node?.id ?? null);
    };
    for (const who of [callers.billing, callers.approver, callers.labAuditor]) expect(await nodes(who)).toEqual(ids);
    for (const who of [callers.buyer, callers.auditor, callers.engineer, callers.other])
      expect(await nodes(who)).toEqual([null, null]);
    await act(callers.billing, 'submitContractVersion', { contractVersionId: ids[1] });
    expect(await nodes(callers.buyer)).toEqual([null, null]);
    const { documentSha256 } = drafted.contractVersion;
    await act(callers.approver, 'offerContractVersion', signing(ids[1]!, documentSha256));
    for (const who of [callers.buyer, callers.auditor]) expect(await nodes(who)).toEqual(ids);
    for (const who of [callers.engineer, callers.other]) expect(await nodes(who)).toEqual([null, null]);
  });

  it('are listed newest first, filtered, a page at a time', async () => {
    const [first, second] = [await offered(), await offered()];
    const list = async (who: string, args: string) => {
      const { contracts } = await graphql.ask(who, `{ contracts(${args}) { nodes { id } pageInfo { hasNextPage } } }`);
      return [contracts.nodes.map(({ id }: { id: string }) => id), contracts.pageInfo.hasNextPage];
    };
    expect((await list(callers.buyer, 'first: 2'))[0]).toEqual([second.contractId, first.contractId]);
    expect(await list(callers.billing, `organizationId: "${partner.organizationId}", first: 1`)).toEqual([
      [second.contractId],
      true,
    ]);
    expect(await list(callers.other, `organizationId: "${partner.organizationId}"`)).toEqual([[], false]);
    expect(((await list(callers.buyer, 'state: IN_FORCE'))[0] as string[]).includes(second.contractId)).toBe(false);
    await expect(list(callers.engineer, 'first: 1')).rejects.toThrow(/contracts:read/);
  });

  it('refuse terms with the place in the input', async () => {
    const refusal = async (terms: object) =>
      (await graphql.mutate(callers.billing, 'draftContract', contract({ terms }), 'contract { id }')).userErrors[0];
    const rule = { id: 'r', meter: 'INPUT_TOKENS', flat: { priceNanos: '1', perUnits: '1' } };
    const tiers = [{ upTo: '1', priceNanos: '1', perUnits: '1' }];
    const code = 'CONTRACT_TERMS_INVALID';
    expect(await refusal({ prices: [{ ...rule, volume: { tiers } }] })).toMatchObject({
      code,
      path: ['terms', 'prices', '0'],
      message: expect.stringContaining('exactly one'),
    });
    expect(await refusal({ prices: [{ ...rule, flat: null, volume: { tiers } }] })).toMatchObject({
      code,
      path: ['terms', 'prices', '0', 'volume', 'tiers', '0', 'upTo'],
    });
    expect(await refusal({ prices: [rule], minimumMinor: '-1' })).toMatchObject({
      code,
      path: ['terms', 'minimumMinor'],
    });
  });

  it('are decided by those who may: others are refused, the same key gives the same answer', async () => {
    const { versionId, hash } = await offered();
    const refused = async (who: string, name: string, input: object) =>
      (await act(who, name, input)).userErrors[0]?.code;
    expect(await refused(callers.auditor, 'acceptContractVersion', signing(versionId, hash))).toBe('FORBIDDEN');
    expect(await refused(callers.approver, 'acceptContractVersion', signing(versionId, hash))).toBe('FORBIDDEN');
    expect(
      await refused(callers.approver, 'withdrawContractVersion', { contractVersionId: versionId, reason: 'r' }),
    ).toBe('FORBIDDEN');
    expect(await refused(callers.billing, 'offerContractVersion', signing(versionId, hash))).toBe('FORBIDDEN');
    expect(await refused(callers.other, 'acceptContractVersion', signing(versionId, hash))).toBe(
      'CONTRACT_VERSION_NOT_FOUND',
    );
    expect(await refused(callers.buyer, 'acceptContractVersion', signing(versionId, 'f'.repeat(64)))).toBe(
      'CONTRACT_DOCUMENT_CHANGED',
    );
    const decline = { contractVersionId: versionId, reason: 'too dear', idempotencyKey: newId('req') };
    const first = await act(callers.buyer, 'declineContractVersion', decline);
    expect(first).toMatchObject({ contractVersion: { state: 'DECLINED' }, userErrors: [] });
    expect(await act(callers.buyer, 'declineContractVersion', decline)).toEqual(first);
  });

  it('are suspended and resumed by the lab, both sides see why, and only those in force are', async () => {
    const { contractId, versionId, hash } = await offered();
    const suspension = { contractId, reason: 'the data breach of 9 March', clause: 'section 12' };
    const suspend = (who: string) => graphql.mutate(who, 'suspendContract', suspension, 'runningWork { what }');
    const resume = () =>
      graphql.mutate(callers.approver, 'resumeContract', { contractId }, 'contract { suspension { since } }');
    const work = () => {
      const { scope, projectId } = partner;
      const stops = graphql.get(ServiceStopService);
      return graphql.get(Database).read(scope, (tx) => stops.assertMayWork(tx, { projectId }));
    };
    expect((await suspend(callers.approver)).userErrors).toMatchObject([{ code: 'CONTRACT_NOT_IN_FORCE' }]);
    await act(callers.buyer, 'acceptContractVersion', signing(versionId, hash));
    expect((await suspend(callers.billing)).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
    expect(await suspend(callers.approver)).toEqual({ runningWork: [], userErrors: [] });
    expect((await suspend(callers.approver)).userErrors).toMatchObject([{ code: 'CONTRACT_SUSPENDED' }]);
    await expect(work()).rejects.toThrow(
      'the data breach of 9 March (section 12). What runs goes on; ask the lab to resume the contract.',
    );
    const query = 'query($id: ID!) { node(id: $id) { ... on Contract { state suspension { since reason clause } } } }';
    for (const who of [callers.buyer, callers.billing])
      expect((await graphql.ask(who, query, { id: contractId })).node).toEqual({
        state: 'IN_FORCE',
        suspension: { since: clock.now().toISOString(), reason: suspension.reason, clause: suspension.clause },
      });
    expect(await resume()).toEqual({ contract: { suspension: null }, userErrors: [] });
    await work();
    expect((await resume()).userErrors).toMatchObject([{ code: 'CONTRACT_NOT_SUSPENDED' }]);
  });

  it('are abandoned by the lab, and compared only within themselves', async () => {
    const [one, other] = [await offered(), await offered()];
    const abandon = { contractId: one.contractId, reason: 'no budget' };
    expect(await graphql.mutate(callers.billing, 'abandonContract', abandon, 'contract { state }')).toEqual({
      contract: { state: 'ABANDONED' },
      userErrors: [],
    });
    const compare = `query($id: ID!, $against: ID) { node(id: $id) { ... on ContractVersion { redline(against: $against) { before } } } }`;
    const whole = await graphql.ask(callers.buyer, compare, { id: one.versionId });
    expect(whole.node.redline.length).toBeGreaterThan(5);
    await expect(graphql.ask(callers.buyer, compare, { id: one.versionId, against: other.versionId })).rejects.toThrow(
      /CONTRACT_VERSION_NOT_FOUND/,
    );
  });
});

async function expectAudit(action: string, targetId: string): Promise<void> {
  const sql =
    'SELECT action, outcome FROM audit_entries WHERE organization_id = :organization AND $1 = ANY (target_ids)';
  const entries = await graphql.get(Database).read(partner.scope, (tx) => tx.query(sql, [targetId]));
  expect(entries).toContainEqual({ action, outcome: 'done' });
}
