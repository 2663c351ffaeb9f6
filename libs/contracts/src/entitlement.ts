/** What an entitlement may allow. */
export const ENTITLEMENT_ACTIONS = [
  'browse',
  'fine_tune',
  'deploy',
  'download_weights',
  'download_optimizer_state',
] as const;
export type EntitlementAction = (typeof ENTITLEMENT_ACTIONS)[number];

/** A grant of the lab to a partner, or what a listing comes to for one. It is never changed, only revoked. */
export interface Entitlement {
  id: string;
  /** The grantee. */
  organizationId: string;
  grantorOrganizationId: string;
  /** Of the two, the one it is for: a whole family, or a checkpoint. */
  familyId: string | null;
  checkpointId: string | null;
  /** The family or the checkpoint. */
  subjectId: string;
  actions: EntitlementAction[];
  /** The contract clause behind it, for refusals and audits. */
  clause: string;
  validFrom: Date;
  /** The first instant at which it no longer holds; null: an open end. */
  validTo: Date | null;
  createdAt: Date;
  revokedAt: Date | null;
  revocationReason: string | null;
}

/**
 * What an action is asked for: a checkpoint of the lab, in its family. For an own adapter, the base below it; for a variant of another
 * partner, the variant itself.
 */
export interface EntitlementSubject {
  familyId: string;
  checkpointId: string;
  /** Of another partner's variant: the lab's grants do not cover it, a listing of it does. */
  isListed?: boolean;
}
