import { useEffect, useRef } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';

/** Hands on what a subscription tells, in order. The caller keeps what it needs; after a gap the socket is opened again. */
export function useSubscriptionFeed<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables | null,
  onData: (data: Data) => void,
): void {
  const client = useClient();
  const receive = useRef(onData);
  receive.current = onData;
  const key = variables === null ? null : JSON.stringify(variables);
  useEffect(() => {
    if (key === null) return;
    const { unsubscribe } = client.subscription(document, JSON.parse(key) as Variables).subscribe(({ data }) => {
      if (data) receive.current(data as Data);
    });
    return unsubscribe;
  }, [client, document, key]);
}
