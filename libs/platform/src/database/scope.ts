/** Whose rows a transaction sees, and on whose behalf it acts. */
export interface Scope {
  organizationId: string;
  kind: 'lab' | 'partner';
  actor: { type: 'user' | 'service_account' | 'api_key' | 'system'; id: string };
  /** The projects the actor may touch; row security stops at the organization, authorization at the project. */
  projectIds?: readonly string[] | 'all';
}
