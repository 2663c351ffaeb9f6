import type { Client as SocketClient } from 'graphql-ws';
import type { SubscriptionForwarder } from 'urql';

/** The socket, its protocol and its code are there once somebody subscribes, and not before. */
let socket: Promise<SocketClient> | undefined;

function openSocket(): Promise<SocketClient> {
  socket ??= import('graphql-ws').then(({ createClient }) => {
    const url = new URL('/graphql', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    return createClient({
      url: url.href,
      // The network comes back some time: a page that was left open goes on.
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      keepAlive: 20_000,
    });
  });
  return socket;
}

export const forwardSubscription: SubscriptionForwarder = ({ query, variables }) => ({
  subscribe: (sink) => {
    let ended = false;
    let stop = () => {
      ended = true;
    };
    void openSocket().then((client) => {
      if (ended) return;
      stop = client.subscribe(
        { query: query ?? '', variables: variables as Record<string, unknown> },
        { ...sink, next: (result) => sink.next(result as never) },
      );
    });
    return { unsubscribe: () => stop() };
  },
});

/** A socket lives on the session it was opened with. */
export async function closeSocket(): Promise<void> {
  const open = socket;
  socket = undefined;
  await (await open)?.dispose();
}
