import { persistedExchange } from '@urql/exchange-persisted';
import { Client, cacheExchange, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { csrfHeaders } from './csrf';
import { type Failure, failuresOf, isSignedOut, needsPassword } from './failure';
import { forwardSubscription } from './subscriptions';

export interface SessionEvents {
  /** The session is over, or an initial password is still in use. */
  onRefused: (failure: Failure) => void;
}

/** One for each session: what was cached for one user is not shown to the next. */
export function createClient({ onRefused }: SessionEvents): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetchOptions: () => ({ credentials: 'same-origin', headers: csrfHeaders() }),
    // What is on screen stays there while it is asked for again.
    requestPolicy: 'cache-and-network',
    exchanges: [
      mapExchange({
        onError: (error) => {
          const refused = failuresOf(error).find((failure) => isSignedOut(failure) || needsPassword(failure));
          if (refused) onRefused(refused);
        },
      }),
      cacheExchange,
      // By their hash: the api was built with the same operations. Where it was not, the text follows.
      persistedExchange({ enableForMutation: true, preferGetForPersistedQueries: false }),
      fetchExchange,
      subscriptionExchange({ forwardSubscription, enableAllOperations: false }),
    ],
  });
}
