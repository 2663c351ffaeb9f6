import { expect } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import OpenAI from 'openai';
import {
  findCaps,
  InferenceSpending,
  PriceService,
  RateService,
  ReservationService,
  ServiceStopService,
  SpendCapKeeper,
  SpendCapService,
  SpendCapStops,
  type SpendCapTerms,
  SpendLeaseService,
} from '#libs/contracts';
import { ManualClock, systemClock } from '#libs/kernel';
import { LostRecorders, SpendCounter } from '#libs/usage/jobs';
import type { Transaction } from '#platform/database';
import { createLogger } from '#platform/telemetry';
import { testStore } from '#test/harness';
import { startInternalListener } from '../../apps/api/src/internal/index.js';
import { eventually, GATEWAY_TOKEN, GatewayWorld, type UsageRow } from '../../apps/gateway/src/spec-support/world.js';
import { InferenceSpendService } from '../../libs/usage/src/inference-spend.service.js';
import type { FakeEngine } from '../fakes/engine.js';

/** They are given back sooner than where people wait for nothing. */
const LEASE_IDLE_MILLISECONDS = 100;

/** Of a token of a prompt, and of an answer. */
export const PRICES = { input: 2n, output: 5n };

/** Gateways, the api's internal listener and the worker's counting, on one database; a fake engine answers. */
export class LeasedPlatform {
  readonly keeper: SpendCapKeeper;
  readonly counter: SpendCounter;
  private readonly clock = systemClock;

  private constructor(
    readonly world: GatewayWorld,
    readonly listener: NestFastifyApplication,
    readonly listenerUrl: string,
    readonly engine: FakeEngine,
    readonly key: { id: string; secret: string },
    /** What was asked of the listener. */
    readonly asked: string[],
  ) {
    const spending = new InferenceSpending();
    const prices = new PriceService(this.clock);
    spending.answeredBy(new InferenceSpendService(prices));
    this.keeper = new SpendCapKeeper(this.clock, spending);
    const reservations = new ReservationService(this.clock, this.keeper);
    this.counter = new SpendCounter(
      world.database,
      this.keeper,
      new SpendLeaseService(this.clock, prices, this.keeper, reservations),
      new SpendCapStops(this.keeper, new ServiceStopService(this.clock), this.clock),
      this.clock,
    );
  }

  static async start(): Promise<LeasedPlatform> {
    const world = await GatewayWorld.create();
    const { app: appUrl, reconciler } = world.testing.urls;
    const listener = await startInternalListener({
      host: '127.0.0.1',
      port: 0,
      gatewayToken: GATEWAY_TOKEN,
      logger: createLogger('internal', 'fatal'),
      database: { appUrl, narrowUrls: { reconciler } },
      store: testStore(),
    });
    const asked: string[] = [];
    listener.getHttpServer().on('request', ({ url }: { url: string }) => asked.push(url));
    const { fake } = await world.engine();
    const key = await world.key(world.partner);
    const platform = new LeasedPlatform(world, listener, await listener.getUrl(), fake, key, asked);
    await platform.publishPrices();
    return platform;
  }

  async stop(): Promise<void> {
    // Before the database goes, which it is connected to.
    await this.listener.close();
    await this.world.close();
  }

  async client(secret = this.key.secret): Promise<OpenAI> {
    const config = { internalApiUrl: this.listenerUrl };
    const { origin } = await this.world.gateway(config, { leaseIdleMilliseconds: LEASE_IDLE_MILLISECONDS });
    return clientOf(origin, secret);
  }

  /** Until every gateway here knows of the caps that there are. */
  async capsKnown(): Promise<void> {
    const known = await this.partner((tx) =>
      tx.query<{ id: string }>(
        `SELECT DISTINCT coalesce(project_id, api_key_id, organization_id) AS id FROM spend_caps
         WHERE is_hard AND ended_at IS NULL`,
      ),
    );
    await eventually(() => {
      for (const { feed } of this.world.gateways)
        expect([...feed.hardCaps].sort()).toEqual(known.map(({ id }) => id).sort());
    });
  }

  stops(): Promise<unknown[]> {
    return this.partner((tx) => tx.query('SELECT id FROM service_stops WHERE lifted_at IS NULL'));
  }

  usage(): Promise<UsageRow[]> {
    return this.world.usage(this.world.base.name);
  }

  setCap(part: Partial<SpendCapTerms>): Promise<string> {
    const { organizationId } = this.world.partner;
    const terms: SpendCapTerms = {
      organizationId,
      projectId: null,
      apiKeyId: null,
      limitNanos: 0n,
      currency: 'USD',
      period: 'total',
      isHard: true,
      alertPercents: [],
      ...part,
    };
    return this.partner((tx) => new SpendCapService(this.clock, this.keeper).set(tx, terms, null));
  }

  endCap(id: string): Promise<unknown> {
    return this.partner((tx) => new SpendCapService(this.clock, this.keeper).remove(tx, id));
  }

  async usedOf(capId: string): Promise<{ heldNanos: bigint; spentNanos: bigint }> {
    const [one] = await this.partner(async (tx) =>
      this.keeper.measured(tx, await findCaps(tx, [capId]), this.clock.now()),
    );
    const { heldNanos, spentNanos } = one!.window;
    return { heldNanos, spentNanos };
  }

  leases(): Promise<Array<{ id: string; closed_at: Date | null }>> {
    return this.partner((tx) => tx.query('SELECT id, closed_at FROM spend_leases ORDER BY id'));
  }

  /** What the worker does in time, in which nobody wants to wait: a gateway that died counts as lost at once. */
  async lateLostRecorders(): Promise<void> {
    const clock = new ManualClock(this.clock.now());
    const lost = new LostRecorders(this.world.database, clock);
    for (let step = 0; step < 2; step++) {
      clock.advance(21_000);
      await lost.run(new AbortController().signal);
    }
  }

  partner<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.world.database.transaction(this.world.partner.scope, work);
  }

  private async publishPrices(): Promise<void> {
    const everything = { familyId: null, checkpointId: null, perUnits: 1n };
    const lines = [
      { meter: 'input_tokens', priceNanos: PRICES.input, ...everything },
      { meter: 'output_tokens', priceNanos: PRICES.output, ...everything },
    ] as const;
    const rates = new RateService(this.clock);
    await this.world.database.transaction(this.world.lab.scope, async (tx) => {
      await rates.publish(tx, { rateCardId: await rates.draft(tx, { name: 'Prices', lines }) });
    });
  }
}

export const clientOf = (origin: string, secret: string) =>
  new OpenAI({ apiKey: secret, baseURL: `${origin}/v1`, maxRetries: 0 });
