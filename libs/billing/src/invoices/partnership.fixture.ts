import pg from 'pg';
import { newId } from '#libs/kernel';
import { LedgerReports, LedgerService } from '#libs/ledger';
import type { MessageType } from '#libs/messages';
import { Database, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testOrganization } from '#test/harness';
import { ContractFixture } from '../../../contracts/src/contract/contract.fixture.js';
import { flatRule, termsJson } from '../../../contracts/src/contract/terms.fixture.js';
import { parseTerms } from '../../../contracts/src/contract/terms.js';
import { BankTransferService } from '../bank-transfers/bank-transfer.service.js';
import { billingScope } from '../billing-scope.js';
import { CreditGrantService, type NewCreditGrant } from '../credits/credit-grant.service.js';
import { forecastContract } from '../forecast/contract-forecast.js';
import { makeInvoices, parseHistory, RuleIndex } from '../invoicing/index.js';
import { InvoiceRun } from '../jobs/invoice-run.js';
import { eventJson, readAgreement, readEvents, toAgreement } from './contract-history.js';
import type { IssuedInvoice } from './invoice.js';
import { invoicesOfContract } from './invoice.repository.js';
import { InvoiceService } from './invoice.service.js';
import { InvoiceIssuingService } from './invoice-issuing.service.js';
import { previewInvoice } from './invoice-preview.js';

/** A cent for an input token, two for one that is trained on. */
export const RULES = [
  flatRule('input', '10000000', { price: { kind: 'flat', priceNanos: '10000000', perUnits: '1' } }),
  flatRule('training', '20000000', {
    meter: 'training_tokens',
    price: { kind: 'flat', priceNanos: '20000000', perUnits: '1' },
  }),
];
export const termsOf = (part: object = {}) => parseTerms(termsJson({ prices: RULES, ...part }));

export interface Partnership extends TestOrganization {
  contractId: string;
}

export interface Usage {
  at: string;
  /** When its end came on record; at once if left out. */
  finalAt?: string;
  input?: number;
  /** Of the input. */
  cached?: number;
  training?: number;
  /** Byte-hours of files. */
  stored?: number;
  projectId?: string;
  model?: string;
  /** By which another partner's variant is used. */
  listingId?: string;
}

/** Contracts, usage and invoices on a real database, under a clock that is moved. */
export class PartnershipFixture {
  readonly ledger: LedgerService;
  readonly reports = new LedgerReports();
  readonly credits: CreditGrantService;
  readonly invoices: InvoiceService;
  readonly transfers: BankTransferService;
  readonly run: InvoiceRun;
  readonly clock = this.contracts.clock;

  private constructor(
    private readonly contracts: ContractFixture,
    readonly database: Database,
    private readonly owner: pg.Client,
  ) {
    this.ledger = new LedgerService(this.clock);
    this.credits = new CreditGrantService(this.clock);
    this.invoices = new InvoiceService(this.ledger, this.reports, this.clock);
    this.transfers = new BankTransferService(this.invoices, this.clock);
    this.run = this.worker();
  }

  /** Long before the time of the database, which has to be past what becomes final. */
  static async start(now: string): Promise<PartnershipFixture> {
    const contracts = await ContractFixture.start();
    contracts.clock.set(new Date(now));
    const { app: appUrl, reconciler, owner: connectionString } = contracts.testing.urls;
    const options = { appUrl, narrowUrls: { reconciler }, clock: contracts.clock };
    const database = await new Database(options).connect();
    const owner = new pg.Client({ connectionString });
    await owner.connect();
    // Who owns the schema reads and writes past row security here, in a database of this spec's own.
    for (const table of ['usage_events', 'outbox'])
      await owner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
    return new PartnershipFixture(contracts, database, owner);
  }

  async stop(): Promise<void> {
    await this.owner.end();
    await this.database.close();
    await this.contracts.stop();
  }

  get testing(): TestDatabase {
    return this.contracts.testing;
  }

  get lab(): TestOrganization {
    return this.contracts.lab;
  }

  worker(): InvoiceRun {
    const issuing = new InvoiceIssuingService(this.database, this.ledger, this.reports, this.clock);
    return new InvoiceRun(this.database, issuing, this.invoices, this.clock);
  }

  /** A partner of its own, with a contract that was accepted now. */
  async agree(endsAt: string, part: object = {}): Promise<Partnership> {
    const partner = await testOrganization(this.contracts.testing);
    return { ...partner, contractId: await this.agreeAgain(partner, endsAt, part) };
  }

  async agreeAgain(partner: TestOrganization, endsAt: string, part: object = {}): Promise<string> {
    const frame = { organizationId: partner.organizationId, currency: 'USD' as const, endsAt: new Date(endsAt) };
    const drafted = await this.contracts.draft({ ...frame, terms: termsOf(), ...part });
    await this.contracts.submitAndOffer(drafted.versionId);
    await this.contracts.accept(drafted.versionId, partner);
    return drafted.contractId;
  }

  async amend({ contractId, scope }: Partnership, part: object): Promise<void> {
    const version = await this.contracts.amend(contractId, part);
    await this.contracts.submitAndOffer(version);
    await this.contracts.accept(version, { scope });
  }

  /** As the intake writes it, but with a time at which it became final: only the owner of the schema may say that. */
  async use(partner: TestOrganization, usage: Usage): Promise<string> {
    const id = newId('use');
    const { at, finalAt = at, input = 0, cached = 0, training = 0, stored = 0, projectId = partner.projectId } = usage;
    const { model = 'm', listingId = null } = usage;
    const [checkpointId, familyId] = stored > 0 ? [null, null] : ['ckpt_x', 'fam_x'];
    await this.owner.query(
      `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, end_reason, model, checkpoint_id,
         base_checkpoint_id, family_id, input_tokens, training_tokens, admitted_at, ended_at, final_at,
         listing_id, cached_input_tokens, stored_byte_hours)
       VALUES ($1, $2, $3, $4, $1, 'settled', 'completed', $9, $13, $13, $14, $5, $6, $7, $7, $8, $10, $11, $12)`,
      [
        id,
        partner.organizationId,
        projectId,
        training > 0 ? 'training' : stored > 0 ? 'storage' : 'inference',
        input,
        training,
        at,
        finalAt,
        stored > 0 ? null : model,
        listingId,
        cached,
        stored,
        checkpointId,
        familyId,
      ],
    );
    return id;
  }

  async grant({ contractId }: Partnership, part: Partial<NewCreditGrant> = {}): Promise<string> {
    const grant: NewCreditGrant = {
      contractId,
      reason: 'For a good start',
      amountMinor: 1_000n,
      effectiveAt: null,
      expiresAt: null,
      priority: 0,
      recurrence: 'once',
      rolloverMinor: 0n,
      meters: null,
      projectIds: null,
      ...part,
    };
    return this.asLab((tx) => this.credits.grant(tx, grant));
  }

  asLab<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(this.lab.scope, work);
  }

  asSystem<T>({ organizationId }: TestOrganization, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(billingScope(organizationId), work);
  }

  /** The payloads of the messages of a type that tell of an invoice. */
  async published(type: MessageType, invoiceId: string): Promise<unknown[]> {
    const { rows } = await this.owner.query<{ payload: unknown }>(
      `SELECT payload FROM outbox WHERE type = $1 AND payload ->> 'invoiceId' = $2 ORDER BY id`,
      [type, invoiceId],
    );
    return rows.map(({ payload }) => payload);
  }

  async at(now: string): Promise<void> {
    this.clock.set(new Date(now));
    await this.run.run();
  }

  issued({ contractId }: Partnership): Promise<IssuedInvoice[]> {
    return this.asLab((tx) => invoicesOfContract(tx, contractId));
  }

  /** Those that are final, as the engine's documents. */
  async documents(partnership: Partnership) {
    const issued = await this.issued(partnership);
    return issued.flatMap(({ document }) => (document === null ? [] : [JSON.parse(document)]));
  }

  preview({ contractId, scope }: Partnership) {
    return this.database.read(scope, (tx) => previewInvoice(tx, contractId, this.clock.now()));
  }

  forecast({ contractId, scope }: Partnership) {
    return this.database.read(scope, (tx) => forecastContract(tx, contractId, this.clock.now()));
  }

  /** The history of all final invoices in JSON, and what the engine makes of it, read back. */
  async rebuilt(partnership: Partnership) {
    const issued = (await this.issued(partnership)).filter(({ document }) => document !== null);
    const { period, finalizesAt } = issued.at(-1)!;
    return this.asSystem(partnership, async (tx) => {
      const contract = (await this.contracts.contract(partnership.contractId))!;
      const agreement = await readAgreement(tx, contract, period);
      const rules = new RuleIndex(toAgreement(agreement));
      const events: object[] = [];
      for await (const event of readEvents(tx, contract, { rules, finalUntil: finalizesAt }))
        events.push(eventJson(event));
      const json = { ...agreement, events };
      return { events, result: makeInvoices(parseHistory(JSON.parse(JSON.stringify(json)))) };
    });
  }
}
