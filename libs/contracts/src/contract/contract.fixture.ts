import { ManualClock, newId } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import type { Contract, ContractVersion } from './contract.js';
import { findContracts } from './contract.repository.js';
import { ContractAgreementService } from './contract-agreement.service.js';
import { ContractDraftingService, type DraftContract } from './contract-drafting.service.js';
import { findVersions } from './contract-version.repository.js';
import { flatRule, termsJson } from './terms.fixture.js';
import { parseTerms } from './terms.js';

export const START = new Date('2026-03-10T12:00:00.000Z');
export const END = new Date('2027-04-01T00:00:00.000Z');
export const PRICES = parseTerms(termsJson({ prices: [flatRule('input', '3000')] }));

type Caller = Pick<TestOrganization, 'scope'>;

/** A lab with two people, and two partners, on a real database. */
export class ContractFixture {
  readonly clock = new ManualClock(START);
  readonly drafting = new ContractDraftingService(this.clock);
  readonly agreement = new ContractAgreementService(this.clock);

  private constructor(
    readonly testing: TestDatabase,
    readonly database: Database,
    /** Who drafts. */
    readonly lab: TestOrganization,
    readonly partner: TestOrganization,
    readonly other: TestOrganization,
  ) {}

  static async start(): Promise<ContractFixture> {
    const testing = await testDatabase();
    const database = await new Database({ appUrl: testing.urls.app, poolSize: 10 }).connect();
    const lab = await testOrganization(testing, 'lab');
    const [partner, other] = [await testOrganization(testing), await testOrganization(testing)];
    return new ContractFixture(testing, database, lab, partner, other);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.testing.drop();
  }

  /** Somebody else of the same organization. */
  colleague({ scope }: Caller): { scope: Scope } {
    return { scope: { ...scope, actor: { type: 'user', id: newId('user') } } };
  }

  as<T>({ scope }: Caller, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(scope, work);
  }

  async draft(part: Partial<DraftContract> = {}): Promise<{ contractId: string; versionId: string }> {
    const contract: DraftContract = {
      organizationId: this.partner.organizationId,
      name: 'Master agreement',
      currency: 'EUR',
      startsAt: null,
      endsAt: END,
      graceDays: 3,
      purchaseOrder: 'PO 7',
      summary: 'List prices.',
      terms: PRICES,
      ...part,
    };
    return this.as(this.lab, (tx) => this.drafting.draft(tx, contract));
  }

  amend(contractId: string, part: object = {}): Promise<string> {
    const amendment = { contractId, summary: 'Cheaper.', terms: PRICES, ...part };
    return this.as(this.lab, (tx) => this.drafting.amend(tx, amendment));
  }

  submit(versionId: string, who: Caller = this.lab): Promise<void> {
    return this.as(who, (tx) => this.drafting.submit(tx, versionId));
  }

  async offer(versionId: string, who: Caller = this.colleague(this.lab), documentSha256?: string): Promise<void> {
    const hash = documentSha256 ?? (await this.version(versionId)).documentSha256;
    await this.as(who, (tx) => this.agreement.offer(tx, { contractVersionId: versionId, ...signing('Lena', hash) }));
  }

  async accept(versionId: string, who: Caller = this.partner, documentSha256?: string): Promise<void> {
    const hash = documentSha256 ?? (await this.version(versionId)).documentSha256;
    await this.as(who, (tx) => this.agreement.accept(tx, { contractVersionId: versionId, ...signing('Pia', hash) }));
  }

  decline(versionId: string, who: Caller = this.partner): Promise<void> {
    return this.as(who, (tx) => this.agreement.decline(tx, { contractVersionId: versionId, reason: 'too dear' }));
  }

  returnForWork(versionId: string): Promise<void> {
    const reason = 'the price is wrong';
    return this.as(this.lab, (tx) => this.agreement.returnForWork(tx, { contractVersionId: versionId, reason }));
  }

  withdraw(versionId: string, who: Caller = this.lab): Promise<void> {
    return this.as(who, (tx) => this.drafting.withdraw(tx, { contractVersionId: versionId, reason: 'a mistake' }));
  }

  abandon(contractId: string): Promise<void> {
    return this.as(this.lab, (tx) => this.drafting.abandon(tx, { contractId, reason: 'no budget' }));
  }

  async submitAndOffer(versionId: string): Promise<void> {
    await this.submit(versionId);
    await this.offer(versionId);
  }

  /** A contract whose first version was accepted. */
  async inForce(part: Partial<DraftContract> = {}): Promise<{ contractId: string; versionId: string }> {
    const drafted = await this.draft(part);
    await this.submitAndOffer(drafted.versionId);
    await this.accept(drafted.versionId);
    return drafted;
  }

  async contract(id: string): Promise<Contract> {
    return (await this.as(this.lab, (tx) => findContracts(tx, [id])))[0]!;
  }

  async version(id: string): Promise<ContractVersion> {
    return (await this.as(this.lab, (tx) => findVersions(tx, [id])))[0]!;
  }
}

const signing = (signatoryName: string, documentSha256: string) => ({
  signatoryName,
  signatoryTitle: 'Head of Finance',
  documentSha256,
});
