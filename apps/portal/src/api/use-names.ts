import { useMemo } from 'react';
import { NamesOf } from './documents';
import { useRequest } from './use-request';

export interface Named {
  name: string;
  /** A key acts for somebody: it is told apart from people. */
  kind:
    | 'user'
    | 'service account'
    | 'key'
    | 'organization'
    | 'fine-tune job'
    | 'evaluation'
    | 'family'
    | 'model'
    | 'listing'
    | 'project'
    | 'credit';
}

/** As many as the API gives at a time; what is beyond keeps its id for a name. */
const MOST_NODES = 100;

/** Who or what stands behind ids, as far as the caller may see them. */
export function useNames(ids: ReadonlyArray<string | null | undefined>): ReadonlyMap<string, Named> {
  const wanted = [...new Set(ids.filter((id): id is string => Boolean(id)))].sort().slice(0, MOST_NODES);
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
      else if ('outputName' in node) names.set(node.id, { name: node.outputName ?? node.id, kind: 'fine-tune job' });
      else if ('checkpointName' in node)
        names.set(node.id, { name: `Evaluation of ${node.checkpointName}`, kind: 'evaluation' });
      else if ('familyName' in node) names.set(node.id, { name: node.familyName, kind: 'family' });
      else if ('modelName' in node) names.set(node.id, { name: node.modelName, kind: 'model' });
      else if ('listingTitle' in node) names.set(node.id, { name: node.listingTitle, kind: 'listing' });
      else if ('projectName' in node) names.set(node.id, { name: node.projectName, kind: 'project' });
      else if ('creditReason' in node) names.set(node.id, { name: node.creditReason, kind: 'credit' });
    }
    return names;
  }, [nodes]);
}
