import type { EngineHost, EnginePlan } from './engine.js';

/** Engines that an operator runs, each at a configured address: the pool loads adapters there, it never starts or ends one. */
export class StaticHost implements EngineHost {
  private readonly urls = new Map<string, string>();

  assign(baseCheckpointId: string, url: string): void {
    this.urls.set(baseCheckpointId, url);
  }

  async start({ baseCheckpointId }: Pick<EnginePlan, 'baseCheckpointId'>): Promise<{ url: string }> {
    const url = this.urls.get(baseCheckpointId);
    if (!url) throw new Error(`no engine is configured for ${baseCheckpointId} any more`);
    return { url };
  }

  /** Its health tells more than could be seen from here. */
  async observe(): Promise<{ running: true }> {
    return { running: true };
  }

  async stop(): Promise<void> {}

  async stopOthers(): Promise<string[]> {
    return [];
  }
}
