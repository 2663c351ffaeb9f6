import type { Entitlement, EntitlementAction, EntitlementSubject } from './entitlement.js';

export type EntitlementDecision =
  | { allowed: true; entitlementId: string; clause: string }
  | { allowed: false; reason: EntitlementRefusal; entitlementId: string | null; clause: string | null };

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

/** Whether one of an organization's entitlements allows an action at a time; if none does, why, by which clause. */
export function decide(
  entitlements: readonly Entitlement[],
  question: { action: EntitlementAction; subject: EntitlementSubject; at: Date },
): EntitlementDecision {
  let refusal: EntitlementDecision & { allowed: false } = {
    allowed: false,
    reason: 'not_granted',
    entitlementId: null,
    clause: null,
  };
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
    ? entitlement.familyId === subject.familyId
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
