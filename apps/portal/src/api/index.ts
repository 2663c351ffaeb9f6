export { createClient } from './client';
export { csrfHeaders, mayBeSignedIn } from './csrf';
export {
  type Failure,
  failureOf,
  failureOfResponse,
  failuresOf,
  isForbidden,
  isNotFound,
  isSignedOut,
  needsPassword,
  unreachable,
} from './failure';
export { type FragmentOf, graphql, type ResultOf, type VariablesOf } from './graphql';
export { newIdempotencyKey } from './idempotency';
export { closeSocket } from './subscriptions';
export { type Action, type ActionResult, useAction } from './use-action';
export { useDownload } from './use-download';
export { useEveryPage } from './use-every-page';
export { type Named, useNames } from './use-names';
export { usePolling } from './use-polling';
export { type RequestState, useRequest } from './use-request';
export { useSubscriptionFeed } from './use-subscription-feed';
