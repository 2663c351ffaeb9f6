import { useCallback, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import { type Failure, failureOf } from './failure';

/** Begins a download. Its address is asked for when it is used: it holds for minutes only. */
export function useDownload<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  urlOf: (data: Data) => string | null | undefined,
): { download: (variables: Variables) => Promise<void>; failures: readonly Failure[] } {
  const client = useClient();
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const download = useCallback(
    async (variables: Variables) => {
      const { data, error } = await client.query(document, variables, { requestPolicy: 'network-only' }).toPromise();
      setFailures(error ? [failureOf(error)] : []);
      const url = data && urlOf(data);
      if (url) location.assign(url);
    },
    [client, document, urlOf],
  );
  return { download, failures };
}
