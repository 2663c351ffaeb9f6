import type { Clock } from '#libs/kernel';
import type { Logger } from '#platform/telemetry';
import type { RateLimiter } from '../admission/rate-limiter.js';
import type { GatewayConfig } from '../config.js';
import type { Inference } from '../relay/inference.js';
import type { SnapshotFeed } from '../snapshot/snapshot-feed.js';

/** What the routes work with. */
export interface ServerParts {
  config: GatewayConfig;
  logger: Logger;
  clock: Clock;
  feed: SnapshotFeed;
  limiter: RateLimiter;
  inference: Inference;
}
