import { useMemo } from 'react';
import { graphql } from './graphql';
import { useRequest } from './use-request';

const NamesOf = graphql(`
  query NamesOf($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on User { displayName }
      ... on ServiceAccount { accountName: name }
      ... on ApiKey { keyName: name }
      ... on Organization { organizationName: name }
    }
  }
`);

export interface Named {
  name: string;
  /** A key acts for somebody: it is told apart from people. */
  kind: 'user' | 'service account' | 'key' | 'organization';
}

/** Who stands behind ids of users, service accounts and keys, as far as the caller may see them. */
export function useNames(ids: ReadonlyArray<string | null | undefined>): ReadonlyMap<string, Named> {
  const wanted = [...new Set(ids.filter((id): id is string => Boolean(id)))].sort();
  const request = useRequest(NamesOf, { ids: wanted }, { pause: wanted.length === 0, requestPolicy: 'cache-first' });
  const nodes = request.status === 'ready' ? request.data.nodes : undefined;
  return useMemo(() => {
    const names = new Map<string, Named>();
    for (const node of nodes ?? []) {
      if (!node) continue;
      if ('displayName' in node) names.set(node.id, { name: node.displayName, kind: 'user' });
      else if ('accountName' in node) names.set(node.id, { name: node.accountName, kind: 'service account' });
      else if ('keyName' in node) names.set(node.id, { name: node.keyName, kind: 'key' });
      else if ('organizationName' in node) names.set(node.id, { name: node.organizationName, kind: 'organization' });
    }
    return names;
  }, [nodes]);
}
