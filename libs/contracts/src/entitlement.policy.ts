import type { Entitlement, EntitlementAction, EntitlementSubject } from './entitlement.js';
import { type UnmetCondition, type UseConditions, unmetCondition } from './use-conditions.js';

export type EntitlementDecision =
  | { allowed: true; entitlementId: string; clause: string }
  | NotEntitled
  | UnmetDecision;

type UnmetDecision = { allowed: false; entitlementId: string; clause: string } & UnmetCondition;

interface NotEntitled {
  allowed: false;
  reason: EntitlementRefusal;
  entitlementId: string | null;
  clause: string | null;
}

export interface EntitlementQuestion {
  action: EntitlementAction;
  subject: EntitlementSubject;
  at: Date;
  /** What the use of the subject depends on besides; null where it is not visible, and not used then. */
  conditions: UseConditions | null;
}

export type EntitlementRefusal = 'not_granted' | 'action_not_granted' | 'not_yet_valid' | 'expired' | 'revoked';

export const REFUSAL_TEXT: Record<EntitlementRefusal, string> = {
  not_granted: 'no entitlement covers it',
  action_not_granted: 'the entitlement for it does not include this action',
  not_yet_valid: 'the entitlement for it is not in force yet',
  expired: 'the entitlement for it has expired',
  revoked: 'the entitlement for it was revoked',
};

/** What one may not do, as a refusal says it before the name of the checkpoint. */
export const ACTION_TEXT: Record<EntitlementAction, string> = {
  browse: 'see',
  fine_tune: 'fine-tune',
  deploy: 'call or deploy',
  download_weights: 'download the weights of',
  download_optimizer_state: 'download the optimizer state of',
};

/** Of several refusals the one that tells most is given: how near the caller came to being allowed. */
const NEARNESS: readonly EntitlementRefusal[] = [
  'not_granted',
  'action_not_granted',
  'revoked',
  'expired',
  'not_yet_valid',
];

const NOT_GRANTED: NotEntitled = { allowed: false, reason: 'not_granted', entitlementId: null, clause: null };

/**
 * Whether an organization may do something at a time: one of its entitlements has to allow it, and whatever else its use depends on has
 * to be met. If not, why, by which clause. What is entitled may be seen: only its use has conditions.
 */
export function decide(entitlements: readonly Entitlement[], question: EntitlementQuestion): EntitlementDecision {
  const granted = grantOf(entitlements, question);
  if (!granted.allowed || question.action === 'browse') return granted;
  if (!question.conditions) return NOT_GRANTED;
  const unmet = unmetCondition(question.conditions, question.at);
  return unmet ? { ...granted, allowed: false, ...unmet } : granted;
}

/** Whether it is entitled, and refused for what its use depends on besides. */
export function isUnmet(decision: NotEntitled | UnmetDecision): decision is UnmetDecision {
  return !(decision.reason in REFUSAL_TEXT);
}

type Granted = EntitlementDecision & { allowed: true };

function grantOf(
  entitlements: readonly Entitlement[],
  question: Pick<EntitlementQuestion, 'action' | 'subject' | 'at'>,
): Granted | NotEntitled {
  let refusal = NOT_GRANTED;
  for (const entitlement of entitlements) {
    if (!covers(entitlement, question.subject)) continue;
    const reason = refuses(entitlement, question);
    const { id: entitlementId, clause } = entitlement;
    if (reason === null) return { allowed: true, entitlementId, clause };
    if (NEARNESS.indexOf(reason) > NEARNESS.indexOf(refusal.reason))
      refusal = { allowed: false, reason, entitlementId, clause };
  }
  return refusal;
}

export function covers(entitlement: Entitlement, subject: EntitlementSubject): boolean {
  return entitlement.checkpointId === null
    ? entitlement.familyId === subject.familyId && !subject.isListed
    : entitlement.checkpointId === subject.checkpointId;
}

function refuses(
  entitlement: Entitlement,
  { action, at }: { action: EntitlementAction; at: Date },
): EntitlementRefusal | null {
  if (!entitlement.actions.includes(action)) return 'action_not_granted';
  if (entitlement.revokedAt && at >= entitlement.revokedAt) return 'revoked';
  if (at < entitlement.validFrom) return 'not_yet_valid';
  if (entitlement.validTo && at >= entitlement.validTo) return 'expired';
  return null;
}

export function isInForce(entitlement: Entitlement, at: Date): boolean {
  return refuses(entitlement, { action: 'browse', at }) === null;
}
