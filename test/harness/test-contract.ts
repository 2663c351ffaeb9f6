import { ContractAgreementService, ContractDraftingService, findVersions, parseTerms } from '#libs/contracts';
import { type Clock, newId } from '#libs/kernel';
import type { Database, Scope, Transaction } from '#platform/database';
import type { TestOrganization } from './test-organization.js';

/** Terms in JSON, but for what a version is about. */
const NOTHING = { prices: [], discounts: [], minimumMinor: '0', commitments: [], taxBasisPoints: 0 };
const TERM_MILLISECONDS = 365 * 24 * 3_600_000;

export interface TestContract {
  id: string;
  /** Further terms, in force when this resolves. */
  amend(terms: object): Promise<void>;
}

interface Sides {
  database: Database;
  clock: Clock;
  lab: TestOrganization;
  partner: TestOrganization;
}

/** A contract in force, drafted, approved by somebody else and accepted as people do it. */
export async function testContract(sides: Sides, terms: object): Promise<TestContract> {
  const { database, clock, lab, partner } = sides;
  const drafting = new ContractDraftingService(clock);
  const asLab = <T>(work: (tx: Transaction) => Promise<T>) => database.transaction(lab.scope, work);
  const endsAt = new Date(clock.now().getTime() + TERM_MILLISECONDS);
  const frame = { name: 'Master agreement', currency: 'USD', startsAt: null, endsAt, graceDays: 0 } as const;
  const { contractId, versionId } = await asLab((tx) =>
    drafting.draft(tx, {
      ...frame,
      organizationId: partner.organizationId,
      purchaseOrder: null,
      summary: 'First terms.',
      terms: parseTerms({ ...NOTHING, ...terms }),
    }),
  );
  await agree(sides, drafting, versionId);
  return {
    id: contractId,
    amend: async (others) => {
      const amendment = { contractId, summary: 'Other terms.', terms: parseTerms({ ...NOTHING, ...others }) };
      await agree(sides, drafting, await asLab((tx) => drafting.amend(tx, amendment)));
    },
  };
}

async function agree(sides: Sides, drafting: ContractDraftingService, contractVersionId: string): Promise<void> {
  const { database, clock, lab, partner } = sides;
  const agreement = new ContractAgreementService(clock);
  await database.transaction(lab.scope, (tx) => drafting.submit(tx, contractVersionId));
  const approver: Scope = { ...lab.scope, actor: { type: 'user', id: newId('user') } };
  const [version] = await database.read(lab.scope, (tx) => findVersions(tx, [contractVersionId]));
  const { documentSha256 } = version!;
  const signing = { contractVersionId, documentSha256, signatoryName: 'Pia', signatoryTitle: 'Head of Finance' };
  await database.transaction(approver, (tx) => agreement.offer(tx, signing));
  await database.transaction(partner.scope, (tx) => agreement.accept(tx, signing));
}
