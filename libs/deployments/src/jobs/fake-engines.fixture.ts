import { ENGINE_ERRORS } from '../deployments.errors.js';
import type { EngineClient, EngineConnector, EngineHost, EnginePlan } from '../engine/engine.js';

export interface FakeEngine {
  url: string;
  healthy: boolean;
  requests: number;
  probes: number;
  loaded: Set<string>;
}

/**
 * Engines that do what they are told, or fail as they are told, without starting anything. They compute nothing: what an
 * engine answers, and that a real one behaves like these, is held by the serving tests.
 */
export class FakeEngines implements EngineHost {
  readonly running = new Map<string, FakeEngine>();
  readonly byUrl = new Map<string, FakeEngine>();
  readonly started: Array<{ plan: EnginePlan }> = [];
  /** Not of this host: nobody else's to end. */
  readonly operated = new Set<string>();
  /** Adapters that every engine refuses. */
  readonly refuses = new Set<string>();
  probeFails = false;
  private lastWords = '';
  private count = 0;

  newEngine(): FakeEngine {
    return { url: `http://engine-${++this.count}`, healthy: false, requests: 0, probes: 0, loaded: new Set() };
  }

  async start(plan: EnginePlan): Promise<{ url: string }> {
    const known = this.running.get(plan.engineId);
    if (known) return { url: known.url };
    const engine = this.newEngine();
    this.running.set(plan.engineId, engine);
    this.byUrl.set(engine.url, engine);
    this.started.push({ plan });
    return { url: engine.url };
  }

  async observe(engineId: string): Promise<{ running: true } | { running: false; reason: string }> {
    return this.running.has(engineId) ? { running: true } : { running: false, reason: this.lastWords };
  }

  async stop(engineId: string): Promise<void> {
    this.running.delete(engineId);
  }

  async stopOthers(engineIds: ReadonlySet<string>): Promise<string[]> {
    const others = [...this.running.keys()].filter((id) => !engineIds.has(id) && !this.operated.has(id));
    for (const id of others) this.running.delete(id);
    return others;
  }

  becomeHealthy(): void {
    for (const engine of this.running.values()) engine.healthy = true;
  }

  crash(lastWords: string): void {
    this.lastWords = lastWords;
    this.running.clear();
  }

  /** The one that runs. */
  only(): FakeEngine {
    const [engine, ...more] = this.running.values();
    if (!engine || more.length > 0) throw new Error(`${this.running.size} engines run`);
    return engine;
  }

  readonly connect: EngineConnector = ({ url }) => {
    const engine = this.byUrl.get(url)!;
    const client: EngineClient = {
      isHealthy: async () => engine.healthy,
      probe: async () => {
        engine.probes++;
        if (this.probeFails) throw refused('answer a first request');
      },
      adapters: async () => new Set(engine.loaded),
      loadAdapter: async (checkpointId) => {
        if (this.refuses.has(checkpointId)) throw refused(`load ${checkpointId}`);
        engine.loaded.add(checkpointId);
      },
      unloadAdapter: async (checkpointId) => {
        engine.loaded.delete(checkpointId);
      },
      activity: async () => ({ requests: engine.requests }),
    };
    return client;
  };
}

const refused = (action: string) => ENGINE_ERRORS.ENGINE_REFUSED({ action, status: 500, reason: 'as it was told' });
