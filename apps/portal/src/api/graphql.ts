import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './generated/schema';

/**
 * Types of every operation and fragment follow from the schema. Documents lie in a screen's `documents.ts` and are named after
 * what they are for: the name is how an operation is known in the api's log.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  /** A fragment is a part of its screen, not a wall within it. */
  disableMasking: true;
  scalars: {
    ID: string;
    /** ISO 8601, UTC. */
    DateTime: string;
    /** Beyond what a number holds exactly, so as text. */
    BigInt: string;
    JSON: unknown;
  };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
