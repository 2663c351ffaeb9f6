/**
 * Roles that row security does not confine to one organization. Each sees the tables that migrations grant it by name
 * and nothing else; none owns anything, none has BYPASSRLS. `forkpoint_intake` has it, to COPY usage, and can read nothing (libs/usage).
 */
export const NARROW_ROLES = {
  relay: { role: 'forkpoint_relay', reason: 'moves messages of every organization from the outbox to the queues' },
  reconciler: {
    role: 'forkpoint_reconciler',
    reason: 'finds what has to be reconciled, and keeps the engine pool; acts on tenant data in scoped transactions',
  },
  gateway: {
    role: 'forkpoint_gateway',
    reason: 'reads keys, routes and limits into its snapshot and records usage of every caller',
  },
} as const;

export type NarrowRole = keyof typeof NARROW_ROLES;
