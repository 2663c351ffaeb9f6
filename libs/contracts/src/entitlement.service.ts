import { Inject, Injectable, Optional } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CONTRACTS_ERRORS } from './contracts.errors.js';
import { ENTITLEMENT_ACTIONS, type EntitlementAction, type EntitlementSubject } from './entitlement.js';
import { ACTION_TEXT, decide, type EntitlementDecision, isUnmet, REFUSAL_TEXT } from './entitlement.policy.js';
import { entitlementsOfGrantee, findEntitlements, insertEntitlement, markRevoked } from './entitlement.repository.js';
import { EntitlementSubjects, type ResolvedSubject } from './entitlement-subjects.js';
import { knownLicenses } from './licenses/license.repository.js';
import { grantsOfListings } from './listings/listing-grants.js';
import { COMPUTE_REGION } from './use-clauses/compute-region.js';
import { clausesInForce } from './use-clauses/use-clauses.js';
import { findUseAgreements } from './use-clauses/use-clauses.repository.js';
import { conditionNotMet, outsideRegions, type UseConditions } from './use-conditions.js';

export interface GrantInput {
  organizationId: string;
  familyId?: string | null;
  checkpointId?: string | null;
  actions: readonly EntitlementAction[];
  clause: string;
  validFrom?: Date | null;
  validTo?: Date | null;
}

/** Who may use which of a lab's checkpoints for what. Row security hides the rest; this says why something is refused. */
@Injectable()
export class EntitlementService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly subjects: EntitlementSubjects,
    @Optional() @Inject(COMPUTE_REGION) private readonly region: string | null = null,
  ) {}

  async grant(tx: Transaction, input: GrantInput): Promise<string> {
    const now = this.clock.now();
    const subject = await this.subjectOf(tx, input);
    const grantee = await tx.one<{ kind: string }>('SELECT kind FROM organizations WHERE id = $1', [
      input.organizationId,
    ]);
    if (grantee?.kind !== 'partner') {
      throw CONTRACTS_ERRORS.ENTITLEMENT_GRANTEE_NOT_FOUND({ id: input.organizationId }, { path: ['organizationId'] });
    }
    const validFrom = input.validFrom ?? now;
    const validTo = input.validTo ?? null;
    if (validTo && validTo <= validFrom) throw CONTRACTS_ERRORS.ENTITLEMENT_PERIOD_INVALID({ path: ['validTo'] });
    const id = newId('ent');
    await insertEntitlement(tx, {
      id,
      organizationId: input.organizationId,
      grantorOrganizationId: tx.scope.organizationId,
      familyId: subject.checkpointId ? null : subject.familyId,
      checkpointId: subject.checkpointId,
      subjectFamilyId: subject.familyId,
      // What may be used may be seen.
      actions: ENTITLEMENT_ACTIONS.filter((action) => action === 'browse' || input.actions.includes(action)),
      clause: input.clause,
      validFrom,
      validTo,
      grantedBy: tx.scope.actor.id,
      createdAt: now,
    });
    return id;
  }

  async revoke(tx: Transaction, input: { entitlementId: string; reason: string }): Promise<void> {
    const { entitlementId: id, reason } = input;
    const [entitlement] = await findEntitlements(tx, [id]);
    if (entitlement?.grantorOrganizationId !== tx.scope.organizationId)
      throw CONTRACTS_ERRORS.ENTITLEMENT_NOT_FOUND({ id }, { path: ['entitlementId'] });
    const revokedAt = this.clock.now();
    if (await markRevoked(tx, id, { at: revokedAt, by: tx.scope.actor.id, reason })) return;
    const earlier = entitlement.revokedAt ?? revokedAt;
    throw CONTRACTS_ERRORS.ENTITLEMENT_REVOKED({ id, revokedAt: earlier.toISOString() }, { path: ['entitlementId'] });
  }

  /** Whether the transaction's organization may do this, by which entitlement and clause. */
  async may(
    tx: Transaction,
    question: EntitlementSubject & { action: EntitlementAction; at?: Date },
  ): Promise<EntitlementDecision> {
    const [decision] = await this.decisions(tx, [question], question.at);
    return decision as EntitlementDecision;
  }

  /** The same, as a typed refusal. `subjectName` is what the message calls it. */
  async assertMay(
    tx: Transaction,
    question: EntitlementSubject & { action: EntitlementAction; subjectName: string; at?: Date },
  ): Promise<EntitlementDecision & { allowed: true }> {
    const decision = await this.may(tx, question);
    if (decision.allowed) return decision;
    if (isUnmet(decision)) throw conditionNotMet(decision, question.subjectName);
    throw CONTRACTS_ERRORS.NOT_ENTITLED({
      verb: ACTION_TEXT[question.action],
      action: question.action,
      subject: question.subjectName,
      reason: REFUSAL_TEXT[decision.reason],
      clause: decision.clause,
    });
  }

  /** Whether what the organization brings may be kept here, by its contract; refused with REGION_NOT_ALLOWED. */
  async assertDataMayBeHere(tx: Transaction): Promise<void> {
    if (tx.scope.kind === 'lab') return;
    const clauses = clausesInForce(await findUseAgreements(tx), this.clock.now());
    const unmet = outsideRegions(this.region, clauses);
    if (unmet) throw conditionNotMet(unmet, 'The data of your organization');
  }

  /** What may be done with each of several checkpoints, read in one statement. */
  async allowedActions(tx: Transaction, subjects: readonly EntitlementSubject[]): Promise<EntitlementAction[][]> {
    const questions = subjects.flatMap((subject) => ENTITLEMENT_ACTIONS.map((action) => ({ ...subject, action })));
    const decisions = await this.decisions(tx, questions);
    return subjects.map((_, position) =>
      ENTITLEMENT_ACTIONS.filter(
        (_action, offset) => decisions[position * ENTITLEMENT_ACTIONS.length + offset]?.allowed,
      ),
    );
  }

  /** On what the use of each of these checkpoints depends for the transaction's organization; what is not visible is left out. */
  async conditionsOf(tx: Transaction, checkpointIds: readonly string[]): Promise<ReadonlyMap<string, UseConditions>> {
    const terms = await this.subjects.termsOf(tx, [...new Set(checkpointIds)]);
    const licenses = [...terms.values()].map(({ license }) => license);
    const { versions, acceptedIds } = await knownLicenses(tx, licenses);
    const agreements = await findUseAgreements(tx);
    const conditions = new Map<string, UseConditions>();
    for (const [checkpointId, { license, ...tags }] of terms) {
      const { organizationId, name } = license;
      conditions.set(checkpointId, {
        license: versions.filter((version) => version.organizationId === organizationId && version.name === name),
        acceptedLicenseIds: acceptedIds,
        tags,
        agreements,
        region: this.region,
      });
    }
    return conditions;
  }

  private async decisions(
    tx: Transaction,
    questions: ReadonlyArray<EntitlementSubject & { action: EntitlementAction }>,
    at = this.clock.now(),
  ): Promise<EntitlementDecision[]> {
    const familyIds = [...new Set(questions.map((question) => question.familyId))];
    const listed = questions.filter(({ isListed }) => isListed).map(({ checkpointId }) => checkpointId);
    const entitlements = [...(await entitlementsOfGrantee(tx, familyIds)), ...(await grantsOfListings(tx, listed))];
    const used = questions.filter(({ action }) => action !== 'browse').map(({ checkpointId }) => checkpointId);
    const conditions = used.length > 0 ? await this.conditionsOf(tx, used) : new Map<string, UseConditions>();
    return questions.map(({ action, ...subject }) => {
      const { checkpointId } = subject;
      return decide(entitlements, { action, subject, at, conditions: conditions.get(checkpointId) ?? null });
    });
  }

  private async subjectOf(tx: Transaction, input: GrantInput): Promise<ResolvedSubject> {
    const given = [input.familyId, input.checkpointId].filter((id) => id != null);
    if (given.length !== 1) throw CONTRACTS_ERRORS.ENTITLEMENT_SUBJECT_INVALID({ path: ['familyId'] });
    const id = given[0] as string;
    const subject = await this.subjects.resolve(tx, id);
    const matches = subject && (subject.checkpointId ?? subject.familyId) === id;
    if (!matches || subject.ownerOrganizationId !== tx.scope.organizationId) {
      const path = [input.familyId == null ? 'checkpointId' : 'familyId'];
      throw CONTRACTS_ERRORS.ENTITLEMENT_SUBJECT_NOT_FOUND({ id }, { path });
    }
    return subject;
  }
}
