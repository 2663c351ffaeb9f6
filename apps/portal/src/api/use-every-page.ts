import { useEffect, useMemo, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import { type Failure, failuresOf } from './failure';
import type { RequestState } from './use-request';

interface Connection<Node> {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const PAGES_AT_MOST = 20;

/**
 * All of a connection, page after page: for what is drawn as a whole. Its variables have `after`. Give a stable `connectionOf`.
 */
export function useEveryPage<Data, Variables extends AnyVariables, Node>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables | null,
  connectionOf: (data: Data) => Connection<Node>,
): RequestState<Node[]> {
  const client = useClient();
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ key: string; nodes?: Node[]; failure?: Failure }>({ key: '' });
  const key = variables === null ? '' : JSON.stringify(variables);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round asks for the same again.
  useEffect(() => {
    if (key === '') return;
    let left = false;
    const read = async () => {
      const nodes: Node[] = [];
      let after: string | null = null;
      for (let page = 0; page < PAGES_AT_MOST; page++) {
        const asked = { ...JSON.parse(key), after } as Variables;
        const { data, error } = await client.query(document, asked, { requestPolicy: 'network-only' }).toPromise();
        if (left) return;
        if (!data) return setState({ key, failure: error && failuresOf(error)[0] });
        const connection = connectionOf(data);
        nodes.push(...connection.nodes);
        after = connection.pageInfo.endCursor;
        if (!connection.pageInfo.hasNextPage) break;
      }
      setState({ key, nodes });
    };
    void read();
    return () => {
      left = true;
    };
  }, [client, document, key, round, connectionOf]);

  return useMemo(() => {
    const common = { refreshing: false, refresh: () => setRound((count) => count + 1) };
    if (state.key !== key || key === '') return { ...common, status: 'loading' };
    if (state.failure) return { ...common, status: 'failed', failure: state.failure };
    return state.nodes
      ? { ...common, status: 'ready', data: state.nodes, missing: [] }
      : { ...common, status: 'loading' };
  }, [state, key]);
}
