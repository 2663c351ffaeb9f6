import { GraphQLError } from 'graphql';
import { DomainError } from '#libs/kernel';
import type { Logger } from '#platform/telemetry';

export function toGraphQLError(error: DomainError): GraphQLError {
  const { code, path, retryable } = error;
  return new GraphQLError(error.message, {
    extensions: { code, inputPath: path, ...(retryable ? { retryable } : {}) },
  });
}

/**
 * What callers are told: a refusal keeps its code, what is wrong with a query is said, anything else is a surprise, told by
 * its request id only and logged.
 */
export function presentableErrors(error: GraphQLError, logger: Logger, requestId?: string): GraphQLError[] {
  const cause: unknown = error.originalError ?? error;
  if (cause instanceof DomainError) return [atPlaceOf(error, toGraphQLError(cause))];
  const { errors, statusCode } = cause as { errors?: Error[]; statusCode?: number };
  // Mercurius wraps what validation found, and marks a malformed request by its status.
  if (Array.isArray(errors)) return errors.map((one) => invalidQuery(one as GraphQLError));
  if (cause instanceof GraphQLError || (statusCode ?? 500) < 500) return [invalidQuery(error)];
  logger.error({ err: cause, requestId }, 'a resolver failed');
  const message = 'Something failed on our side; it is logged under the request id.';
  return [atPlaceOf(error, new GraphQLError(message, { extensions: { code: 'INTERNAL', requestId } }))];
}

function invalidQuery(error: GraphQLError): GraphQLError {
  const extensions = { code: 'INVALID_QUERY', ...error.extensions };
  return new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions,
  });
}

function atPlaceOf(original: GraphQLError, error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, { nodes: original.nodes, path: original.path, extensions: error.extensions });
}
