import { useEffect, useState } from 'react';
import { stringifyDocument, useClient } from 'urql';
import { csrfHeaders, type Failure, failuresOf, newIdempotencyKey } from '../../api';
import { formatTime, now } from '../../format';
import { CreatePlaygroundKey, RevokePlaygroundKey } from './documents';

/** Models are called with keys alone, by this page as by any program. Its key holds for so long at most. */
const KEY_MILLISECONDS = 55 * 60_000;
const RENEW_MILLISECONDS = KEY_MILLISECONDS - 5 * 60_000;

export type PlaygroundKey =
  | { status: 'making' }
  | { status: 'refused'; failures: readonly Failure[] }
  | { status: 'ready'; secret: string; until: string };

/** Makes a key for inference alone, keeps it in memory, and revokes it when the page is left. */
export function usePlaygroundKey(projectId: string): PlaygroundKey {
  const client = useClient();
  const [key, setKey] = useState<PlaygroundKey>({ status: 'making' });
  useEffect(() => {
    let left = false;
    let ids: string[] = [];
    const revokeAll = () => {
      ids.forEach(revoke);
      ids = [];
    };
    const make = async () => {
      const until = new Date(now() + KEY_MILLISECONDS).toISOString();
      const input = {
        name: `Playground, until ${formatTime(until, 'clock', now())}`,
        scopes: ['INFERENCE_CALL' as const],
        projectId,
        expiresAt: until,
        idempotencyKey: newIdempotencyKey(),
      };
      const { data, error } = await client.mutation(CreatePlaygroundKey, { input }).toPromise();
      const payload = data?.createApiKey;
      const refused = error
        ? failuresOf(error)
        : (payload?.userErrors ?? []).map((one) => ({ ...one, retryable: false }));
      if (payload?.apiKey) ids.push(payload.apiKey.id);
      if (left) return revokeAll();
      if (payload?.secret) setKey({ status: 'ready', secret: payload.secret, until });
      else setKey({ status: 'refused', failures: refused });
    };
    void make();
    const renewal = setInterval(() => void make(), RENEW_MILLISECONDS);
    addEventListener('pagehide', revokeAll);
    return () => {
      left = true;
      clearInterval(renewal);
      removeEventListener('pagehide', revokeAll);
      revokeAll();
    };
  }, [client, projectId]);
  return key;
}

/** Outlives the page: a tab that is closed takes its key with it. */
function revoke(apiKeyId: string): void {
  void fetch('/graphql', {
    method: 'POST',
    keepalive: true,
    headers: { 'content-type': 'application/json', ...csrfHeaders() },
    body: JSON.stringify({
      query: stringifyDocument(RevokePlaygroundKey),
      variables: { input: { apiKeyId, idempotencyKey: newIdempotencyKey() } },
    }),
  });
}
