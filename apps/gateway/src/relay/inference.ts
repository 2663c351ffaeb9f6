import type { Dispatcher } from 'undici';
import type { GatewayKey } from '#libs/identity';
import type { Clock } from '#libs/kernel';
import type { UsageIntake, UsageTicket } from '#libs/usage';
import { openAiFailure } from '#platform/http';
import type { Logger } from '#platform/telemetry';
import type { RateLimiter, TokenHold } from '../admission/rate-limiter.js';
import { type InferenceRequest, refuseSpecialTokens } from '../admission/request-body.js';
import { projectOf, resolveModel } from '../admission/resolve-model.js';
import { refuseStopped } from '../admission/service-stops.js';
import { refuseUnmet } from '../admission/use-conditions.js';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import type { Route } from '../snapshot/snapshot.js';
import type { SnapshotFeed } from '../snapshot/snapshot-feed.js';
import type { SpendHold } from '../spending/lease.js';
import type { SpendLeases } from '../spending/spend-leases.js';
import { ClientGone, type ClientResponse } from './client-response.js';
import { type ExchangeEnd, exchange } from './engine-exchange.js';
import { errorOf, mayBeRetried } from './engine-failure.js';
import type { EnginePool, Lease } from './engine-pool.js';
import type { ModelDemand } from './model-demand.js';
import type { WaitingRoom } from './waiting-room.js';

const TRIES = 2;
/** After a failure the pool needs a moment to notice; a snapshot that changes meanwhile ends the wait. */
const RETRY_PAUSE_MILLISECONDS = 300;

export interface InferenceParts {
  feed: SnapshotFeed;
  limiter: RateLimiter;
  room: WaitingRoom;
  engines: EnginePool;
  demand: ModelDemand;
  intake: UsageIntake;
  leases: SpendLeases;
  dispatcher: Dispatcher;
  engineApiKey: string | undefined;
  /** Where the engines are; null: nobody said. */
  region: string | null;
  clock: Clock;
  logger: Logger;
}

export interface InferenceCall {
  requestId: string;
  caller: GatewayKey;
  /** The project that the caller named, if any. */
  namedProject: string | undefined;
  request: InferenceRequest;
  client: ClientResponse;
}

type ReadableRoute = Route & { specialTokens: NonNullable<Route['specialTokens']> };

/** A call whose model is resolved: from here on it belongs to this checkpoint, whatever its deployment switches to. */
interface PinnedCall extends InferenceCall {
  route: Route;
  /** By which another partner's variant answers; null for what is no such. */
  listingId: string | null;
  projectId: string;
  deadline: number;
  tokenHold: TokenHold;
}

/** A call on record, with what spend caps hold for it. */
interface Admission {
  ticket: UsageTicket;
  hold: SpendHold | null;
}

/** From an authenticated request to the last byte of its answer, and to its settled usage. */
export class Inference {
  constructor(private readonly parts: InferenceParts) {}

  /** Refusals before the first byte are thrown; what happens after it is told in the stream. */
  async answer(call: InferenceCall): Promise<void> {
    const { feed, limiter, room, demand, clock } = this.parts;
    const deadline = room.deadlineFromNow();
    const route = await this.readableRoute(call, deadline);
    const listing = feed.routes.listingOf(route, call.caller.organizationId, clock.now().getTime());
    refuseSpecialTokens(call.request, route.specialTokens);
    const projectId = projectOf(call.caller, route, call.namedProject, feed.projects);
    this.refuseEnded(route, call.caller, projectId);
    const tokenHold = limiter.holdTokens(call.caller, call.request.likelyTokens);
    const noLongerWanted = demand.hold(route);
    try {
      await this.answerPinned({ ...call, route, listingId: listing?.id ?? null, projectId, deadline, tokenHold });
    } finally {
      noLongerWanted();
      tokenHold.settle(0);
    }
  }

  /** Waits out the seconds in which a new checkpoint's special tokens are not known yet, and its content could not be checked. */
  private readableRoute(call: InferenceCall, deadline: number): Promise<ReadableRoute> {
    const { feed, clock, room } = this.parts;
    const { model } = call.request;
    return room.until({ model, keyId: call.caller.keyId, deadline, signal: call.client.signal }, () => {
      const route = resolveModel(feed.routes, model, call.caller, clock.now());
      const { specialTokens } = route;
      return specialTokens && { ...route, specialTokens };
    });
  }

  /** As soon as an engine is ready, unless the caller was stopped while it waited. */
  private lease({ route, request, caller, projectId, deadline, client }: PinnedCall): Promise<Lease> {
    const { room, engines, demand } = this.parts;
    return room.until({ model: request.model, keyId: caller.keyId, deadline, signal: client.signal }, () => {
      this.refuseEnded(route, caller, projectId);
      demand.want(route);
      return engines.lease(route);
    });
  }

  private refuseEnded(route: Route, caller: GatewayKey, projectId: string): void {
    const { feed, clock, region } = this.parts;
    refuseStopped(feed.stops, caller, projectId);
    refuseUnmet(feed, region, { route, caller, now: clock.now() });
  }

  private async answerPinned(call: PinnedCall): Promise<void> {
    const { engines, feed, logger } = this.parts;
    let admission: Admission | undefined;
    let end: ExchangeEnd | undefined;
    try {
      for (let tryNumber = 1; tryNumber <= TRIES; tryNumber++) {
        const lease = await this.lease(call);
        try {
          admission ??= await this.admit(call);
          end = await this.exchangeWith(lease, admission.ticket, call);
        } finally {
          lease.release();
        }
        if (!mayBeRetried(end)) break;
        logger.warn(
          { requestId: call.requestId, engineId: lease.engineId, end: describeEnd(end) },
          'an engine failed before it answered',
        );
        engines.distrust(lease.engineId);
        if (tryNumber < TRIES) await feed.nextChange(RETRY_PAUSE_MILLISECONDS, call.client.signal);
      }
    } finally {
      if (admission) this.settle(call, admission, end);
    }
    if (end) finish(call, end);
  }

  /** Refused where a hard cap has too little left for the most that the call can cost; recorded at once when it is held. */
  private async admit(call: PinnedCall): Promise<Admission> {
    const { leases } = this.parts;
    const hold = leases.isBounded(call) ? await leases.hold(call) : null;
    return { ticket: this.record(call, hold?.admittedAt), hold };
  }

  private record(
    { requestId, caller, projectId, route, listingId, request }: PinnedCall,
    admittedAt?: Date,
  ): UsageTicket {
    return this.parts.intake.admit({
      admittedAt,
      requestId,
      organizationId: caller.organizationId,
      projectId,
      apiKeyId: caller.keyId,
      model: request.model,
      checkpointId: route.checkpointId,
      baseCheckpointId: route.baseCheckpointId,
      familyId: route.familyId,
      deploymentId: route.kind === 'deployment' ? route.id : null,
      revisionId: route.revisionId,
      listingId,
    });
  }

  private exchangeWith(lease: Lease, ticket: UsageTicket, call: PinnedCall): Promise<ExchangeEnd> {
    const { request, client, route, caller, requestId } = call;
    return exchange({
      dispatcher: this.parts.dispatcher,
      engine: lease,
      engineApiKey: this.parts.engineApiKey,
      requestId,
      endpoint: request.endpoint,
      engineModel: route.checkpointId,
      askedModel: request.model,
      stream: request.stream,
      includeUsage: request.includeUsage,
      continuousUsage: request.continuousUsage,
      // An engine answers faster what it has in its cache: without a wall in it, an organization could find out by the time that its
      // guesses take what others ask. Of whom the call is tells them apart, whoever's model it is. It is no secret and needs none: engines
      // take it from the gateway alone (the parameter is refused to callers), and so all gateways say the same without sharing a key.
      cacheSalt: caller.organizationId,
      parameters: request.parameters,
      ticket,
      client,
      headers: { 'x-request-id': requestId, ...this.parts.limiter.headersOf(caller) },
    });
  }

  /** The answer does not wait for it: should this process die before it is durable, the last durable count is billed. */
  private settle(call: PinnedCall, { ticket, hold }: Admission, end: ExchangeEnd | undefined): void {
    const { tokens, reason } = outcomeOf(end);
    call.tokenHold.settle(tokens.inputTokens + tokens.outputTokens);
    const recorded = ticket.settle(tokens, reason);
    hold?.settle(tokens, recorded);
    recorded.catch((error: unknown) => {
      this.parts.logger.error(
        { err: error, requestId: call.requestId, tokens },
        'a settlement could be recorded nowhere',
      );
    });
  }
}

const NOTHING = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

function outcomeOf(end: ExchangeEnd | undefined) {
  switch (end?.outcome) {
    case 'answered':
      return { tokens: end.tokens, reason: 'completed' } as const;
    case 'broken':
      return { tokens: end.tokens, reason: 'engine_failed' } as const;
    case 'client_gone':
      return { tokens: end.tokens, reason: 'client_disconnected' } as const;
    default:
      return { tokens: NOTHING, reason: 'refused' } as const;
  }
}

function finish({ client, request, route }: PinnedCall, end: ExchangeEnd): void {
  switch (end.outcome) {
    case 'answered':
      return;
    case 'client_gone':
      throw new ClientGone();
    case 'refused':
    case 'failed':
      throw errorOf(end, route, request);
    case 'broken':
      // The status is out already: OpenAI's clients raise an error on such an event.
      client.end(Buffer.from(`data: ${JSON.stringify(openAiFailure(GATEWAY_ERRORS.ENGINE_FAILED_MIDWAY()).body)}\n\n`));
  }
}

function describeEnd(end: ExchangeEnd): string {
  if (end.outcome === 'refused') return `${end.status} ${end.body.slice(0, 500)}`;
  return end.outcome === 'failed' ? end.error.message : end.outcome;
}
