import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, formatMoney, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CONTRACT_ERRORS } from '../contract/contract.errors.js';
import { findContracts } from '../contract/contract.repository.js';
import { SPEND_CAP_ERRORS } from './spend-cap.errors.js';
import { type SpendCap, type SpendCapTerms, subjectIdOf } from './spend-cap.js';
import { findCaps, findInForce, insertCap, markEnded } from './spend-cap.repository.js';
import { SpendCapKeeper } from './spend-cap-keeper.js';
import { takeTurn } from './spend-window.repository.js';

/** What the lab's caps stand on. */
export interface CapGround {
  contractId: string;
  clause: string;
}

/**
 * Caps of both sides. Each side has one on a subject, by period and currency, and changes none but its own; whichever is lower counts,
 * since what is spent has to go by both.
 */
@Injectable()
export class SpendCapService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly keeper: SpendCapKeeper,
  ) {}

  /** Sets a cap from now on, in place of the one that the same side has on the same; gives its id. `ground` for the lab alone. */
  async set(tx: Transaction, terms: SpendCapTerms, ground: CapGround | null): Promise<string> {
    assertSound(terms);
    const side = tx.scope.kind;
    assertOwn(tx, terms);
    await takeTurn(tx, terms.organizationId);
    await (side === 'lab' ? assertGrounded(tx, terms, ground) : assertWithinLabs(tx, terms, ground));
    const now = this.clock.now();
    const replaced = await findInForce(tx, { ...terms, side });
    if (replaced) await markEnded(tx, replaced, now);
    const cap: SpendCap = {
      ...terms,
      id: newId('cap'),
      side,
      contractId: ground?.contractId ?? null,
      clause: ground?.clause ?? null,
      replacesId: replaced?.id ?? null,
      createdBy: tx.scope.actor.id,
      createdAt: now,
      endedBy: null,
      endedAt: null,
    };
    await insertOnSubject(tx, cap);
    // The lab writes no amounts of a partner: its caps are opened by whatever is spent next, or by the worker.
    if (side === 'partner') await this.keeper.openAll(tx);
    return cap.id;
  }

  /** Ends a cap of the own side. What is held for it is settled as if nothing had happened. */
  async remove(tx: Transaction, id: string): Promise<void> {
    const [seen] = await findCaps(tx, [id]);
    const path = ['spendCapId'];
    if (!seen) throw SPEND_CAP_ERRORS.SPEND_CAP_NOT_FOUND({ id }, { path });
    await takeTurn(tx, seen.organizationId);
    const [cap] = await findCaps(tx, [id]);
    if (!cap || cap.endedAt) throw SPEND_CAP_ERRORS.SPEND_CAP_NOT_FOUND({ id }, { path });
    if (cap.side === 'lab' && tx.scope.kind !== 'lab') {
      throw SPEND_CAP_ERRORS.SPEND_CAP_OF_LAB({ id, ...groundOf(cap) }, { path });
    }
    if (cap.side !== tx.scope.kind) throw SPEND_CAP_ERRORS.SPEND_CAP_NOT_FOUND({ id }, { path });
    await markEnded(tx, cap, this.clock.now());
  }
}

function assertSound({ limitNanos, alertPercents, projectId, apiKeyId }: SpendCapTerms): void {
  const isRising = alertPercents.every((percent, position) => percent > (alertPercents[position - 1] ?? 0));
  const rules: Array<[string, boolean, string]> = [
    ['limitNanos', limitNanos < 0n, 'its limit is below zero'],
    [
      'alertPercents',
      !isRising || alertPercents.length > 10,
      'its thresholds are at most 10 percentages, rising from above 0',
    ],
    ['apiKeyId', projectId !== null && apiKeyId !== null, 'it is on a project or on a key, not on both'],
  ];
  for (const [field, isBroken, problem] of rules) {
    if (isBroken) throw SPEND_CAP_ERRORS.SPEND_CAP_INVALID({ problem }, { path: [field] });
  }
}

function assertOwn({ scope }: Transaction, { organizationId }: SpendCapTerms): void {
  if (scope.kind === 'lab' || organizationId === scope.organizationId) return;
  const problem = 'a partner bounds its own spending alone: leave organizationId out';
  throw SPEND_CAP_ERRORS.SPEND_CAP_INVALID({ problem }, { path: ['organizationId'] });
}

/** A cap of the lab stands on a clause of a contract that is in force with the partner, in the contract's currency. */
async function assertGrounded(tx: Transaction, terms: SpendCapTerms, ground: CapGround | null): Promise<void> {
  if (!ground?.contractId || !ground.clause) {
    const problem = "the lab's caps name the contract and the clause that they stand on";
    throw SPEND_CAP_ERRORS.SPEND_CAP_INVALID({ problem }, { path: ['contractId'] });
  }
  const [contract] = await findContracts(tx, [ground.contractId]);
  if (contract?.organizationId !== terms.organizationId) {
    throw CONTRACT_ERRORS.CONTRACT_NOT_FOUND({ id: ground.contractId }, { path: ['contractId'] });
  }
  const rules: Array<[string, boolean, string]> = [
    ['contractId', contract.state !== 'in_force', 'the contract is not in force'],
    ['currency', contract.currency !== terms.currency, `the contract is in ${contract.currency}`],
  ];
  for (const [field, isBroken, problem] of rules) {
    if (isBroken) throw SPEND_CAP_ERRORS.SPEND_CAP_INVALID({ problem }, { path: [field] });
  }
}

async function assertWithinLabs(tx: Transaction, terms: SpendCapTerms, ground: CapGround | null): Promise<void> {
  if (ground) {
    const problem = "only the lab's caps stand on a contract: leave contractId and clause out";
    throw SPEND_CAP_ERRORS.SPEND_CAP_INVALID({ problem }, { path: ['contractId'] });
  }
  const labs = await findInForce(tx, { ...terms, side: 'lab' });
  if (!labs || terms.limitNanos <= labs.limitNanos) return;
  const limit = formatMoney({ nanos: labs.limitNanos, currency: labs.currency });
  throw SPEND_CAP_ERRORS.SPEND_CAP_ABOVE_LAB({ id: labs.id, limit, ...groundOf(labs) }, { path: ['limitNanos'] });
}

const groundOf = (cap: SpendCap): CapGround => ({ contractId: cap.contractId!, clause: cap.clause! });

/** PostgreSQL's code for a reference to what is not there. */
const FOREIGN_KEY_VIOLATION = '23503';

/** Which projects and keys a partner has is not the lab's to see: that the cap is on one of them is left to the foreign keys. */
async function insertOnSubject(tx: Transaction, cap: SpendCap): Promise<void> {
  try {
    await insertCap(tx, cap);
  } catch (error) {
    if ((error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) throw error;
    const path = [cap.projectId ? 'projectId' : 'apiKeyId'];
    throw SPEND_CAP_ERRORS.SPEND_CAP_SUBJECT_NOT_FOUND({ id: subjectIdOf(cap) }, { path });
  }
}
