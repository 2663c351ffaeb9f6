import type { EngineHost, EnginePlan } from './engine.js';

/** Engines that an operator runs, each at an address that is configured: the pool loads adapters, it never starts or ends one. */
export class StaticHost implements EngineHost {
  constructor(private readonly urls: ReadonlyMap<string, string>) {}

  async start(plan: EnginePlan): Promise<{ url: string }> {
    const url = this.urls.get(plan.baseCheckpointId);
    if (!url) throw new Error(`no engine is configured for ${plan.baseCheckpointId}`);
    return { url };
  }

  /** Its health tells more than we could see from here. */
  async observe(): Promise<{ running: true }> {
    return { running: true };
  }

  async stop(): Promise<void> {}

  async stopOthers(): Promise<string[]> {
    return [];
  }
}
