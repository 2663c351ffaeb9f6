import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CONTRACT_ERRORS } from './contract.errors.js';
import {
  type Contract,
  type ContractSide,
  type ContractVersion,
  type ContractVersionState,
  contractVersionStates,
  type Signing,
} from './contract.js';
import { markInForce, markOffered } from './contract.repository.js';
import { type HeldVersion, holdVersion } from './contract-access.js';
import {
  insertSignature,
  markAccepted,
  markApproved,
  markRefused,
  markReturned,
} from './contract-version.repository.js';
import { refusalOfEffectiveDate } from './effective-date.js';

interface Decision {
  contractVersionId: string;
  reason: string;
}

/** What two parties agree on: approval and offer by the lab, acceptance or refusal by the partner. */
@Injectable()
export class ContractAgreementService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Gives a version in review back to be worked on. */
  async returnForWork(tx: Transaction, { contractVersionId, reason }: Decision): Promise<void> {
    const { version } = await this.holdToDecide(tx, contractVersionId, 'draft');
    await markReturned(tx, version.id, { at: this.clock.now(), reason });
  }

  /** Approves and signs for the lab: somebody who had no hand in the version. From now on the partner sees it. */
  async offer(tx: Transaction, { contractVersionId, ...signing }: Signing & { contractVersionId: string }) {
    const held = await this.holdToDecide(tx, contractVersionId, 'offered');
    const { contract, version } = held;
    if (version.authors.includes(tx.scope.actor.id)) throw CONTRACT_ERRORS.CONTRACT_FOUR_EYES();
    const at = this.clock.now();
    const refusal = refusalOfEffectiveDate(contract, held.versions, { effectiveFrom: version.effectiveFrom, now: at });
    if (refusal) throw refusal;
    await this.sign(tx, held, 'lab', signing);
    await markApproved(tx, version.id, at);
    await markOffered(tx, contract.id, at);
  }

  /** Signs for the partner. It takes effect when it says, or now. */
  async accept(tx: Transaction, { contractVersionId, ...signing }: Signing & { contractVersionId: string }) {
    const held = await this.holdToDecide(tx, contractVersionId, 'accepted');
    const { contract, version } = held;
    assertSameDocument(version, signing);
    const at = this.clock.now();
    assertNotLapsed(held, at);
    await this.sign(tx, held, 'partner', signing);
    const effectiveFrom = version.effectiveFrom ?? at;
    await markAccepted(tx, version.id, { at, effectiveFrom });
    if (contract.state === 'negotiating') await markInForce(tx, contract.id, effectiveFrom);
  }

  async decline(tx: Transaction, { contractVersionId, reason }: Decision): Promise<void> {
    const { version } = await this.holdToDecide(tx, contractVersionId, 'declined');
    await markRefused(tx, version.id, { state: 'declined', at: this.clock.now(), reason });
  }

  private async holdToDecide(tx: Transaction, id: string, to: ContractVersionState): Promise<HeldVersion> {
    const held = await holdVersion(tx, id);
    contractVersionStates.assert(held.version.state, to);
    return held;
  }

  private async sign(tx: Transaction, { contract, version }: HeldVersion, side: ContractSide, signing: Signing) {
    assertSameDocument(version, signing);
    await insertSignature(tx, contract, { ...signing, versionId: version.id, side, signedAt: this.clock.now() });
  }
}

function assertSameDocument(version: ContractVersion, { documentSha256 }: Signing): void {
  if (documentSha256 === version.documentSha256) return;
  const hashes = { given: documentSha256, current: version.documentSha256 };
  throw CONTRACT_ERRORS.CONTRACT_DOCUMENT_CHANGED(hashes, { path: ['documentSha256'] });
}

/** What was sound when it was offered may have become impossible since: time went by. */
function assertNotLapsed({ contract, version, versions }: HeldVersion, now: Date): void {
  const reason = lapseOf(contract, version, now);
  if (reason) throw CONTRACT_ERRORS.CONTRACT_OFFER_LAPSED({ reason }, { path: ['contractVersionId'] });
  const refusal = refusalOfEffectiveDate(contract, versions, { effectiveFrom: version.effectiveFrom, now });
  if (refusal) throw refusal;
}

function lapseOf({ startsAt, endsAt }: Contract, { effectiveFrom, terms }: ContractVersion, now: Date): string | null {
  if (effectiveFrom && effectiveFrom < now) return `it was to take effect at ${effectiveFrom.toISOString()}`;
  if (endsAt <= now) return `the term of the contract ended at ${endsAt.toISOString()}`;
  // Of a contract that starts on acceptance.
  const missed = startsAt ? undefined : terms.commitments.find(({ from }) => from < now);
  return missed ? `its commitment ${missed.id} was to begin at ${missed.from.toISOString()}` : null;
}
