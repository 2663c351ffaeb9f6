import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, type Currency, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CONTRACT_ERRORS } from './contract.errors.js';
import {
  type Contract,
  type ContractFrame,
  type ContractVersion,
  contractStates,
  contractVersionStates,
  MOST_VERSIONS,
} from './contract.js';
import { findParties, insertContract, markAbandoned, updateFrame } from './contract.repository.js';
import { type HeldContract, holdContract, holdVersion } from './contract-access.js';
import { insertVersion, markRefused, markSubmitted, updateContent } from './contract-version.repository.js';
import { documentOf } from './document.js';
import { lastAccepted, refusalOfEffectiveDate } from './effective-date.js';
import type { ContractTerms } from './terms.js';
import { assertTerms } from './terms-rules.js';

export interface DraftContract extends ContractFrame {
  /** The partner. */
  organizationId: string;
  currency: Currency;
  summary: string;
  terms: ContractTerms;
}

/** What is left out stays. */
export interface ContractRevision extends Partial<ContractFrame> {
  contractVersionId: string;
  effectiveFrom?: Date | null;
  summary?: string;
  terms?: ContractTerms;
}

export interface ContractAmendment {
  contractId: string;
  /** Absent: on acceptance. */
  effectiveFrom?: Date | null;
  summary: string;
  terms: ContractTerms;
}

/** The lab's own work on contracts, up to the moment when a version is handed to whoever approves it. */
@Injectable()
export class ContractDraftingService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** A contract with its first version, which takes effect when the contract starts. */
  async draft(tx: Transaction, input: DraftContract): Promise<{ contractId: string; versionId: string }> {
    const { summary, terms, organizationId, ...frame } = input;
    const parties = await findParties(tx, organizationId);
    if (!parties)
      throw CONTRACT_ERRORS.CONTRACT_PARTNER_NOT_FOUND({ id: organizationId }, { path: ['organizationId'] });
    const now = this.clock.now();
    const contract = { ...frame, ...parties, id: newId('ctr'), organizationId, createdAt: now };
    const held: HeldContract = {
      contract: { ...contract, state: contractStates.initial, firstOfferedAt: null },
      versions: [],
    };
    this.assertSound(held, { effectiveFrom: frame.startsAt, terms });
    await insertContract(tx, contract);
    const versionId = await this.insert(tx, held, { effectiveFrom: frame.startsAt, terms, summary });
    return { contractId: contract.id, versionId };
  }

  /** Changes a draft; before anything was offered, the frame of the contract too. */
  async revise(tx: Transaction, input: ContractRevision): Promise<void> {
    const held = await holdVersion(tx, input.contractVersionId);
    const { version } = held;
    assertDraft(version);
    const contract = await this.reviseFrame(tx, held.contract, input);
    const effectiveFrom = effectiveDateOf(contract, input.effectiveFrom, version.effectiveFrom);
    const { terms = version.terms, summary = version.summary } = input;
    this.assertSound({ ...held, contract }, { effectiveFrom, terms });
    const document = documentOf(contract, { number: version.number, effectiveFrom, terms });
    await updateContent(tx, version.id, { effectiveFrom, terms, summary, ...document });
  }

  /** Hands a draft to whoever approves it. */
  async submit(tx: Transaction, id: string): Promise<void> {
    const { version, ...held } = await holdVersion(tx, id);
    contractVersionStates.assert(version.state, 'in_review');
    this.assertSound(held, version);
    await markSubmitted(tx, version.id, this.clock.now());
  }

  /** A further version: of a contract in force an amendment, before that other terms than those that came to nothing. */
  async amend(tx: Transaction, input: ContractAmendment): Promise<string> {
    const held = await holdContract(tx, input.contractId);
    this.assertAmendable(held);
    const effectiveFrom = effectiveDateOf(held.contract, input.effectiveFrom, null);
    this.assertSound(held, { effectiveFrom, terms: input.terms });
    return this.insert(tx, held, { ...input, effectiveFrom });
  }

  async withdraw(tx: Transaction, { contractVersionId, reason }: { contractVersionId: string; reason: string }) {
    const { version } = await holdVersion(tx, contractVersionId);
    contractVersionStates.assert(version.state, 'withdrawn');
    await markRefused(tx, version.id, { state: 'withdrawn', at: this.clock.now(), reason });
  }

  /** Ends a negotiation that comes to nothing, and withdraws what is open of it. */
  async abandon(tx: Transaction, { contractId, reason }: { contractId: string; reason: string }): Promise<void> {
    const { contract, versions } = await holdContract(tx, contractId);
    contractStates.assert(contract.state, 'abandoned');
    const at = this.clock.now();
    const open = openVersion(versions);
    if (open) await markRefused(tx, open.id, { state: 'withdrawn', at, reason });
    await markAbandoned(tx, contract.id, { at, reason });
  }

  private async reviseFrame(tx: Transaction, contract: Contract, input: ContractRevision): Promise<Contract> {
    const revised = { ...contract };
    for (const field of FRAME_FIELDS) if (input[field] !== undefined) Object.assign(revised, { [field]: input[field] });
    if (!FRAME_FIELDS.some((field) => input[field] !== undefined)) return contract;
    if (contract.firstOfferedAt)
      throw CONTRACT_ERRORS.CONTRACT_FRAME_FIXED({ id: contract.id }, { path: ['contractVersionId'] });
    await updateFrame(tx, contract.id, revised);
    return revised;
  }

  private assertAmendable({ contract, versions }: HeldContract): void {
    const { id, state, startsAt, endsAt, firstOfferedAt } = contract;
    const now = this.clock.now();
    const options = { path: ['contractId'] };
    if (state === 'abandoned') throw CONTRACT_ERRORS.CONTRACT_ABANDONED({ id }, options);
    if (state === 'negotiating' && firstOfferedAt && startsAt && startsAt < now)
      throw CONTRACT_ERRORS.CONTRACT_START_PASSED({ id, startsAt: startsAt.toISOString() }, options);
    if (endsAt <= now) throw CONTRACT_ERRORS.CONTRACT_ENDED({ id, endsAt: endsAt.toISOString() }, options);
    const open = openVersion(versions);
    if (open) throw CONTRACT_ERRORS.CONTRACT_VERSION_OPEN({ id: open.id, state: open.state }, options);
    if (versions.length >= MOST_VERSIONS)
      throw CONTRACT_ERRORS.CONTRACT_VERSIONS_EXHAUSTED({ limit: MOST_VERSIONS }, options);
  }

  /** What has to hold whenever terms are written or handed on; time goes by in between. */
  private assertSound(
    { contract, versions }: HeldContract,
    { effectiveFrom, terms }: Pick<ContractVersion, 'effectiveFrom' | 'terms'>,
  ): void {
    const now = this.clock.now();
    assertTerm(contract, now);
    const refusal = refusalOfEffectiveDate(contract, versions, { effectiveFrom, now });
    if (refusal) throw refusal;
    assertTerms(terms, contract, lastAccepted(versions)?.terms);
  }

  private async insert(
    tx: Transaction,
    { contract, versions }: HeldContract,
    { effectiveFrom, terms, summary }: Pick<ContractVersion, 'effectiveFrom' | 'terms' | 'summary'>,
  ): Promise<string> {
    const number = versions.length + 1;
    const version = { id: newId('cver'), number, effectiveFrom, terms, summary, draftedAt: this.clock.now() };
    await insertVersion(tx, contract, { ...version, ...documentOf(contract, version) });
    return version.id;
  }
}

const FRAME_FIELDS = ['name', 'startsAt', 'endsAt', 'graceDays', 'purchaseOrder'] as const;

function assertDraft({ id, state }: ContractVersion): void {
  if (state === 'draft') return;
  throw CONTRACT_ERRORS.CONTRACT_VERSION_NOT_DRAFT({ id, state }, { path: ['contractVersionId'] });
}

function openVersion(versions: readonly ContractVersion[]): ContractVersion | undefined {
  return versions.find(({ state }) => !contractVersionStates.isTerminal(state));
}

/** Until a contract is in force its next version begins with it. */
function effectiveDateOf(contract: Contract, asked: Date | null | undefined, before: Date | null): Date | null {
  if (contract.state === 'in_force') return asked === undefined ? before : asked;
  const { startsAt } = contract;
  if (asked && asked.getTime() !== startsAt?.getTime()) {
    const named = { startsAt: startsAt?.toISOString() ?? null };
    throw CONTRACT_ERRORS.CONTRACT_EFFECTIVE_WITH_START(named, { path: ['effectiveFrom'] });
  }
  return startsAt;
}

function assertTerm({ startsAt, endsAt }: Contract, now: Date): void {
  const refuse = (problem: string) => CONTRACT_ERRORS.CONTRACT_TERM_INVALID({ problem }, { path: ['endsAt'] });
  if (startsAt && endsAt <= startsAt) throw refuse('endsAt does not lie after startsAt');
  if (endsAt <= now) throw refuse('endsAt lies in the past');
}
