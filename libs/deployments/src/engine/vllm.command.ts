import type { EnginePlan } from './engine.js';

export interface VllmOptions {
  /** The interpreter of the Python environment that has vLLM and our plugin. */
  python: string;
  /** Compute threads of one engine. */
  threads: number;
  /** Asked of every caller as a bearer token, if set. */
  apiKey?: string;
}

/** The plugin without which a CPU engine mixes adapters up (see apps/trainer/src/forkpoint_serving/lora_rows.py). */
export const LORA_ROWS_PLUGIN = 'forkpoint_lora_rows';

/**
 * The module to run: it refuses to start without the plugin. `vllm serve` would look for the metadata of a package named
 * vllm, which the CPU build does not have.
 */
const MODULE = 'forkpoint_serving.engine';

export function vllmCommand(plan: EnginePlan, port: number, options: VllmOptions): { file: string; args: string[] } {
  const flags: Record<string, string | number> = {
    model: plan.modelFolder,
    'served-model-name': plan.baseCheckpointId,
    host: '127.0.0.1',
    port,
    dtype: plan.dtype,
    'max-model-len': plan.contextLengthTokens,
    'max-num-seqs': plan.maxSequences,
    'kv-cache-memory-bytes': plan.kvCacheBytes,
    'distributed-executor-backend': 'uni',
    'max-loras': plan.maxAdaptersPerBatch,
    'max-cpu-loras': plan.maxAdapters,
    'max-lora-rank': plan.maxRank,
    // Without disable_any_whitespace a small model asked for JSON writes spaces without end.
    'structured-outputs-config': '{"backend":"xgrammar","disable_any_whitespace":true}',
    'uvicorn-log-level': 'warning',
  };
  // Prefix caching is on unless it is switched off; how much of a prompt came from it is told only when asked for, and it has its own price.
  const switches = ['enable-lora', 'enable-prompt-tokens-details', 'enforce-eager', 'disable-fastapi-docs'];
  return {
    file: options.python,
    args: [
      '-m',
      MODULE,
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...switches.map((name) => `--${name}`),
    ],
  };
}

/** What an engine needs of the worker's environment: where to find programs and to write, and whom it belongs to. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'LD_LIBRARY_PATH', 'FORKPOINT_SUPERVISED'];

/** No secret of the worker reaches an engine. */
export function vllmEnvironment(options: VllmOptions, inherited: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.fromEntries(
    INHERITED.flatMap((name) => (inherited[name] === undefined ? [] : [[name, inherited[name]]])),
  );
  return {
    ...kept,
    VLLM_TARGET_DEVICE: 'cpu',
    VLLM_PLUGINS: LORA_ROWS_PLUGIN,
    VLLM_ALLOW_RUNTIME_LORA_UPDATING: 'True',
    // The engine then takes its executor into its own process; it still has a process beside the HTTP server.
    VLLM_ENABLE_V1_MULTIPROCESSING: '0',
    VLLM_NO_USAGE_STATS: '1',
    HF_HUB_OFFLINE: '1',
    OMP_NUM_THREADS: String(options.threads),
    // A waiting thread sleeps instead of spinning on a core that others want.
    OMP_WAIT_POLICY: 'passive',
    // Compilation pays off on GPUs; here the first request that asks for log-probabilities would wait 13 s for it.
    TORCH_COMPILE_DISABLE: '1',
    MALLOC_ARENA_MAX: '2',
    ...(options.apiKey === undefined ? {} : { VLLM_API_KEY: options.apiKey }),
  };
}
