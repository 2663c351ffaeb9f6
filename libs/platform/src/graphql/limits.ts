import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';
import { DomainError } from '#libs/kernel';
import { toGraphQLError } from './errors.js';

export const LARGEST_COST = 5_000;
export const LARGEST_DEPTH = 14;

/** A field costs 1 and what is below it; a list that is paged costs that as often as the page is long. */
const estimator: ComplexityEstimator = ({ args, childComplexity }) => {
  const size = args.first ?? args.last ?? ('after' in args || 'before' in args ? 20 : 1);
  return 1 + Math.max(1, Math.min(Number(size) || 1, 1_000)) * childComplexity;
};

/** What an operation costs before it runs. */
export function costOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  variables: Record<string, unknown>,
  operationName?: string,
): number {
  return getComplexity({ schema, query, variables, operationName, estimators: [estimator] });
}

export function refuseCost(cost: number): GraphQLError {
  return toGraphQLError(
    new DomainError(
      'QUERY_TOO_COSTLY',
      `This operation costs ${cost}, more than ${LARGEST_COST}: ask for smaller pages or fewer nested lists.`,
    ),
  );
}
