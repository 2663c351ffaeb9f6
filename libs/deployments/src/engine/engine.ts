/**
 * What the pool knows of serving engines: an OpenAI-compatible server for one base checkpoint that loads and unloads LoRA
 * adapters while it runs. vLLM is the model; another engine is another implementation of these interfaces.
 */

/** What an engine is started with. All of it follows from the checkpoint's own files and the family's limits. */
export interface EnginePlan {
  engineId: string;
  /** Also the model name under which the engine answers for the bare base. */
  baseCheckpointId: string;
  modelFolder: string;
  dtype: 'float32' | 'bfloat16' | 'float16';
  contextLengthTokens: number;
  /** Requests that are computed together. */
  maxSequences: number;
  /** Different adapters in one batch. */
  maxAdaptersPerBatch: number;
  /** Adapters kept in memory. */
  maxAdapters: number;
  maxRank: number;
  kvCacheBytes: number;
  /** What the whole engine takes, by estimate: the pool adds these up against its budget. */
  memoryBytes: number;
}

/** Starts engines, tells whether they still run, ends them. */
export interface EngineHost {
  /** Launches the engine; returns before it is ready. An engine that runs already is left as it is. */
  start(plan: EnginePlan): Promise<{ url: string }>;
  /** Whether its process still runs; where not, the last words of its log. */
  observe(engineId: string): Promise<{ running: true } | { running: false; reason: string }>;
  /** Asks it to end, and makes it end after a few seconds. Returns when it is gone. */
  stop(engineId: string): Promise<void>;
  /** Ends every engine of this host that is not named: what an earlier worker left behind. Returns their ids. */
  stopOthers(engineIds: ReadonlySet<string>): Promise<string[]>;
}

export interface EngineActivity {
  /** Requests it computes or holds back. */
  requests: number;
}

/** Talks to one running engine. */
export interface EngineClient {
  /** Whether it accepts requests. */
  isHealthy(): Promise<boolean>;
  /** One token from the bare base: an engine may say it is healthy and fail its first request. */
  probe(): Promise<void>;
  /** Adapters by name. */
  adapters(): Promise<Set<string>>;
  loadAdapter(checkpointId: string, folder: string): Promise<void>;
  /** Requests that run go on to their end; new ones are refused. Unloading what is not loaded is no error. */
  unloadAdapter(checkpointId: string): Promise<void>;
  activity(): Promise<EngineActivity>;
}

export type EngineConnector = (location: { url: string; baseCheckpointId: string }) => EngineClient;
