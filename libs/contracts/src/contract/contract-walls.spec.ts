import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scope } from '#platform/database';
import { ContractFixture, START } from './contract.fixture.js';

let contracts: ContractFixture;
beforeAll(async () => {
  contracts = await ContractFixture.start();
});
afterAll(() => contracts?.stop());

const TABLES = ['contracts', 'contract_versions', 'contract_signatures'];

/** How many rows of one contract somebody sees, whatever a statement says. */
async function seenBy(who: { scope: Scope }, contractId: string): Promise<number[]> {
  const count = async (table: string) => {
    const column = { contracts: 'id', contract_versions: 'contract_id' }[table];
    const where = column ? `${column} = $1` : `version_id IN (SELECT id FROM contract_versions WHERE contract_id = $1)`;
    const sql = `SELECT count(*)::int AS count FROM ${table} WHERE ${where}`;
    return (await contracts.as(who, (tx) => tx.one<{ count: number }>(sql, [contractId])))!.count;
  };
  const counts: number[] = [];
  for (const table of TABLES) counts.push(await count(table));
  return counts;
}

describe('row security', () => {
  it('shows the lab everything, the partner what was offered, and nobody else anything', async () => {
    const { lab, partner, other } = contracts;
    const { contractId, versionId } = await contracts.draft();
    const expectSeen = async (byLab: number[], byPartner: number[]) => {
      expect(await seenBy(lab, contractId)).toEqual(byLab);
      expect(await seenBy(partner, contractId)).toEqual(byPartner);
      expect(await seenBy(other, contractId)).toEqual([0, 0, 0]);
    };
    await expectSeen([1, 1, 0], [0, 0, 0]);
    await contracts.submit(versionId);
    await expectSeen([1, 1, 0], [0, 0, 0]);
    await contracts.offer(versionId);
    await expectSeen([1, 1, 1], [1, 1, 1]);
    await contracts.accept(versionId);
    await expectSeen([1, 1, 2], [1, 1, 2]);
    contracts.clock.advance(1);
    const second = await contracts.amend(contractId);
    await contracts.withdraw(second);
    await expectSeen([1, 2, 2], [1, 1, 2]);
    const third = await contracts.amend(contractId);
    await contracts.submitAndOffer(third);
    await expectSeen([1, 3, 3], [1, 2, 3]);
    await contracts.decline(third);
    await expectSeen([1, 3, 3], [1, 2, 3]);
  });

  it('lets no other lab or partner in by a scope that says so', async () => {
    const { contractId } = await contracts.inForce();
    const asLab = { scope: { ...contracts.other.scope, kind: 'lab' as const } };
    expect(await seenBy(asLab, contractId)).toEqual([0, 0, 0]);
  });

  it('lets a partner write nothing of the lab’s', async () => {
    const { contractId } = await contracts.draft();
    const forged = `INSERT INTO contracts (id, organization_id, lab_organization_id, organization_name, lab_name, name, currency,
      ends_at, grace_days, state, created_by, created_at)
      SELECT 'ctr_x', $1, $2, 'p', 'l', 'n', 'USD', $3::timestamptz + interval '1 year', 0, 'negotiating', 'u', $3`;
    const { partner, lab } = contracts;
    const values = [partner.organizationId, lab.organizationId, START];
    await expect(contracts.as(partner, (tx) => tx.query(forged, values))).rejects.toThrow(/row-level security/);
    for (const table of TABLES) {
      await expect(contracts.as(partner, (tx) => tx.query(`DELETE FROM ${table}`))).rejects.toThrow(
        /permission denied/,
      );
    }
    const sql = `UPDATE contracts SET state = 'in_force' WHERE id = $1 RETURNING id`;
    expect(await contracts.as(partner, (tx) => tx.query(sql, [contractId]))).toEqual([]);
  });
});

describe('the database', () => {
  const sql = (who: { scope: Scope }, text: string, ...values: unknown[]) =>
    contracts.as(who, (tx) => tx.query(text, values));
  const SIGN = `INSERT INTO contract_signatures SELECT v.id, v.organization_id, v.lab_organization_id, $2, $3, 'n', 't', $4, v.drafted_at
    FROM contract_versions v WHERE v.id = $1`;
  const APPROVE = `UPDATE contract_versions SET state = 'offered', approved_by = $2, approved_at = drafted_at, offered_at = drafted_at
    WHERE id = $1`;
  const ACCEPT = `UPDATE contract_versions SET state = 'accepted', decided_by = 'x', decided_at = drafted_at, effective_from = drafted_at
    WHERE id = $1`;
  const actor = ({ scope }: { scope: Scope }) => scope.actor.id;
  const inReview = async () => {
    const { versionId } = await contracts.draft();
    await contracts.submit(versionId);
    return contracts.version(versionId);
  };

  it('holds to four eyes, even where the application says who approves', async () => {
    const { id, documentSha256 } = await inReview();
    const [drafter, colleague] = [contracts.lab, contracts.colleague(contracts.lab)];
    const approve = (who: { scope: Scope }, as: string) =>
      contracts.as(who, async (tx) => {
        await tx.query(SIGN, [id, 'lab', actor(who), documentSha256]);
        await tx.query(APPROVE, [id, as]);
      });
    await expect(approve(drafter, actor(drafter))).rejects.toThrow(/violates check constraint/);
    await expect(approve(drafter, actor(colleague))).rejects.toThrow(/approved by who acts/);
    await expect(sql(drafter, `UPDATE contract_versions SET authors = '{}' WHERE id = $1`, id)).rejects.toThrow(
      /permission denied/,
    );
    await expect(
      sql(drafter, `UPDATE contract_versions SET submitted_by = 'x', state = 'draft' WHERE id = $1`, id),
    ).resolves.toEqual([]);
    await contracts.submit(id, contracts.colleague(contracts.lab));
    await expect(approve(drafter, actor(drafter))).rejects.toThrow(/violates check constraint/);
    await approve(colleague, actor(colleague));
    expect(await contracts.version(id)).toMatchObject({ state: 'offered', approvedBy: actor(colleague) });
  });

  it('takes whoever revised a draft for an author', async () => {
    const { versionId } = await contracts.draft();
    const reviser = contracts.colleague(contracts.lab);
    await sql(reviser, `UPDATE contract_versions SET summary = 'new' WHERE id = $1`, versionId);
    expect((await contracts.version(versionId)).authors).toContain(actor(reviser));
  });

  it('keeps what is said once it is no draft', async () => {
    const { id } = await inReview();
    const changes = [
      `terms = terms || '{"minimumMinor": "1"}'`,
      `summary = 'x'`,
      `effective_from = drafted_at`,
      `state = 'accepted'`,
      `state = 'in_review'`,
    ];
    for (const change of changes)
      await expect(sql(contracts.lab, `UPDATE contract_versions SET ${change} WHERE id = $1`, id)).rejects.toThrow();
  });

  it('keeps terms, document and hash together', async () => {
    const { versionId } = await contracts.draft();
    for (const change of [`terms = '{}'`, `document = '{}'`, `document_sha256 = repeat('0', 64)`])
      await expect(
        sql(contracts.lab, `UPDATE contract_versions SET ${change} WHERE id = $1`, versionId),
      ).rejects.toThrow(/violates check constraint/);
  });

  it('never changes what was decided, nor a contract in force, nor a signature', async () => {
    const { contractId, versionId } = await contracts.inForce();
    const { lab, partner } = contracts;
    for (const who of [lab, partner]) {
      for (const change of [`state = 'withdrawn'`, `decision_reason = 'x'`, `effective_from = now()`]) {
        const update = `UPDATE contract_versions SET ${change} WHERE id = $1 RETURNING id`;
        // The lab's row is guarded; the partner can't even reach it.
        const outcome = await sql(who, update, versionId).catch((error: Error) => error.message);
        expect(who === lab ? outcome : `${outcome}`).toEqual(
          who === lab ? expect.stringMatching(/can not become/) : '',
        );
      }
      const contract = `UPDATE contracts SET ends_at = ends_at + interval '1 day' WHERE id = $1`;
      await expect(sql(who, contract, contractId)).rejects.toThrow(/never changes/);
      await expect(sql(who, `UPDATE contract_signatures SET signatory_name = 'x'`)).rejects.toThrow(
        /permission denied/,
      );
    }
  });

  it('lets nobody sign for others, or another document, or accept without a signature', async () => {
    const { versionId } = await contracts.draft();
    await contracts.submitAndOffer(versionId);
    const { documentSha256 } = await contracts.version(versionId);
    const { lab, partner } = contracts;
    await expect(sql(lab, SIGN, versionId, 'partner', actor(lab), documentSha256)).rejects.toThrow(
      /row-level security/,
    );
    await expect(sql(partner, SIGN, versionId, 'lab', actor(partner), documentSha256)).rejects.toThrow(
      /row-level security/,
    );
    await expect(sql(partner, SIGN, versionId, 'partner', 'user_x', documentSha256)).rejects.toThrow(
      /row-level security/,
    );
    await expect(sql(partner, SIGN, versionId, 'partner', actor(partner), 'f'.repeat(64))).rejects.toThrow(
      /foreign key/,
    );
    await expect(sql(partner, ACCEPT, versionId)).rejects.toThrow(/not signed by who decides/);
    await expect(sql(lab, ACCEPT, versionId)).rejects.toThrow();
    expect((await contracts.version(versionId)).state).toBe('offered');
  });

  it('puts no contract in force without a version that was accepted', async () => {
    const { contractId, versionId } = await contracts.draft();
    await contracts.submitAndOffer(versionId);
    const force = `UPDATE contracts SET state = 'in_force', starts_at = created_at WHERE id = $1`;
    await expect(sql(contracts.partner, force, contractId)).rejects.toThrow(/no version that was accepted/);
    await expect(sql(contracts.lab, force, contractId)).rejects.toThrow();
  });
});
