import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Agent } from 'undici';
import { type Clock, systemClock } from '#libs/kernel';
import { UsageIntake, UsageJournal, usageStoreOver } from '#libs/usage';
import type { Logger } from '#platform/telemetry';
import { RateLimiter } from './admission/rate-limiter.js';
import type { GatewayConfig } from './config.js';
import { createServer } from './http/server.js';
import { postgresAt } from './postgres.js';
import { EnginePool } from './relay/engine-pool.js';
import { Inference } from './relay/inference.js';
import { demandStoreOver, ModelDemand } from './relay/model-demand.js';
import { WaitingRoom } from './relay/waiting-room.js';
import { SnapshotFeed } from './snapshot/snapshot-feed.js';
import { LeaseClient } from './spending/lease-client.js';
import { SpendLeases } from './spending/spend-leases.js';

/** An engine may think this long before its answer begins (a whole answer, when it is not streamed). */
const ANSWER_TIMEOUT_MILLISECONDS = 600_000;
/** Between two pieces of a streamed answer. */
const PIECE_TIMEOUT_MILLISECONDS = 120_000;
/** Below the 5 s after which uvicorn closes an idle connection, so that none is used just as it closes. */
const KEEP_ALIVE_MILLISECONDS = 4_000;
const CONNECT_TIMEOUT_MILLISECONDS = 2_000;
const DRAIN_MILLISECONDS = 30_000;
const LEASE_IDLE_MILLISECONDS = 5_000;

export interface GatewayOptions {
  config: GatewayConfig;
  logger: Logger;
  clock?: Clock;
  monotonicNow?: () => number;
  countMilliseconds?: number;
  leaseIdleMilliseconds?: number;
}

export interface Gateway {
  server: FastifyInstance;
  feed: SnapshotFeed;
  /** Lets calls under way end, for a while, and records what they used. */
  close(): Promise<void>;
}

/** Puts the gateway together and starts what it reads and writes; the caller lets it listen. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, logger, clock = systemClock, monotonicNow = () => performance.now() } = options;
  const connect = postgresAt(config.databaseUrl);
  const feed = new SnapshotFeed({ connect, logger, monotonicNow });
  const intake = new UsageIntake({
    connect: usageStoreOver({ gateway: connect, intake: postgresAt(config.intakeDatabaseUrl) }),
    journal: new UsageJournal(config.journalDirectory),
    clock,
    logger,
    countMilliseconds: options.countMilliseconds,
  });
  const demand = new ModelDemand({ store: demandStoreOver(connect), clock, logger, monotonicNow });
  const limiter = new RateLimiter(monotonicNow);
  forgetOldKeys(feed, limiter);
  const room = new WaitingRoom({
    feed,
    logger,
    monotonicNow,
    waitSeconds: config.engineWaitSeconds,
    maxHeld: config.maxHeldCalls,
    maxHeldPerKey: config.maxHeldCallsPerKey,
  });
  const engines = new EnginePool({ feed, monotonicNow, maxInFlightPerEngine: config.maxInFlightPerEngine });
  const leases = new SpendLeases(feed, {
    client: new LeaseClient({ url: config.internalApiUrl, token: config.gatewayToken }),
    recorderId: intake.recorderId,
    isRecorded: () => intake.isHandedOver,
    clock,
    monotonicNow,
    idleMilliseconds: options.leaseIdleMilliseconds ?? LEASE_IDLE_MILLISECONDS,
  });
  const dispatcher = new Agent({
    connections: config.maxInFlightPerEngine,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MILLISECONDS },
    headersTimeout: ANSWER_TIMEOUT_MILLISECONDS,
    bodyTimeout: PIECE_TIMEOUT_MILLISECONDS,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    keepAliveMaxTimeout: KEEP_ALIVE_MILLISECONDS,
  });
  const inference = new Inference({
    feed,
    limiter,
    room,
    engines,
    demand,
    intake,
    leases,
    dispatcher,
    clock,
    logger,
    engineApiKey: config.engineApiKey,
    region: config.region,
  });
  const server = await createServer({ config, logger, clock, feed, limiter, inference });
  const calls = callsUnderWay(server);
  await Promise.all([feed.start(), intake.start()]);
  demand.start();
  leases.start();
  return {
    server,
    feed,
    close: async () => {
      await endCalls(server, calls, monotonicNow);
      await leases.close();
      await Promise.all([demand.close(), intake.close(), feed.close(), dispatcher.destroy()]);
    },
  };
}

/** No new calls; those under way may end, up to a limit. */
async function endCalls(
  server: FastifyInstance,
  calls: ReadonlySet<ServerResponse>,
  monotonicNow: () => number,
): Promise<void> {
  const closed = server.close();
  const deadline = monotonicNow() + DRAIN_MILLISECONDS;
  while (calls.size > 0 && monotonicNow() < deadline) await wait(20);
  // What is left are connections that nobody called over, or callers that take too long.
  server.server.closeAllConnections();
  await closed;
}

function callsUnderWay(server: FastifyInstance): ReadonlySet<ServerResponse> {
  const calls = new Set<ServerResponse>();
  server.server.on('request', (_request, response) => {
    calls.add(response);
    response.on('close', () => calls.delete(response));
  });
  return calls;
}

function forgetOldKeys(feed: SnapshotFeed, limiter: RateLimiter): void {
  let known = feed.keys;
  feed.onChange(() => {
    if (feed.keys === known) return;
    known = feed.keys;
    const ids = new Set([...known.values()].map(({ keyId }) => keyId));
    limiter.retain((keyId) => ids.has(keyId));
  });
}
