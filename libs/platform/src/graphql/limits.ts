import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';
import { DomainError } from '#libs/kernel';
import { toGraphQLError } from './errors.js';

export const LARGEST_COST = 5_000;
export const LARGEST_DEPTH = 14;

/** Lists of plain numbers are far cheaper than lists of things: so many of them cost as much as one entry of a page. */
const BUCKETS_PER_ENTRY = 40;

/** A field costs 1 and what is below it; a list that is paged costs that as often as the page is long. */
const estimator: ComplexityEstimator = ({ args, childComplexity }) => {
  const entries = args.buckets ? Math.ceil(args.buckets / BUCKETS_PER_ENTRY) : 1;
  const size = args.first ?? args.last ?? ('after' in args || 'before' in args ? 20 : entries);
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
