import { z } from 'zod';
import type { EnginePlan } from './engine.js';

/** The part of a checkpoint's config.json that says how much memory serving it takes. */
const ModelConfig = z.looseObject({
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().optional(),
  head_dim: z.int().positive().optional(),
  intermediate_size: z.int().positive(),
  max_position_embeddings: z.int().positive(),
  dtype: z.string().optional(),
  torch_dtype: z.string().optional(),
});
export type ModelConfig = z.infer<typeof ModelConfig>;

export const readModelConfig = (json: string): ModelConfig => ModelConfig.parse(JSON.parse(json));

const MEBIBYTE = 1024 ** 2;

/** An engine that serves a model of no size: interpreter, torch and vLLM in its two processes. Measured as PSS. */
const EMPTY_ENGINE_BYTES = 1000 * MEBIBYTE;
/** Room for the activations of a step, and for what the allocator does not give back. */
const ACTIVATION_SHARE_OF_WEIGHTS = 0.25;
const SMALLEST_KV_CACHE_BYTES = 16 * MEBIBYTE;
const KV_CACHE_ESTIMATE_BYTES = 64 * MEBIBYTE;
/** vLLM allots the cache in blocks of this many tokens on a CPU. */
const KV_BLOCK_TOKENS = 128;
const BYTES = { float32: 4, bfloat16: 2, float16: 2 } as const;
/** The ranks that vLLM accepts as its maximum. */
const ENGINE_RANKS = [8, 16, 32, 64, 128, 256, 320, 512] as const;

export interface EngineSizing {
  maxSequences: number;
  maxAdaptersPerBatch: number;
  maxAdapters: number;
}

/** On one core more than 16 sequences at a time gain little; 4 adapters in a batch and 16 in memory cover a small lab. */
export const DEFAULT_SIZING: EngineSizing = { maxSequences: 16, maxAdaptersPerBatch: 4, maxAdapters: 16 };

export interface PlanInput {
  engineId: string;
  baseCheckpointId: string;
  modelFolder: string;
  config: ModelConfig;
  weightBytes: number;
  /** Frozen in the checkpoint. */
  contextLengthTokens: number;
  /** The highest rank that the family lets adapters have. */
  familyMaxRank: number;
  sizing?: EngineSizing;
}

/** Before the files are here: near enough to decide whether an engine fits. */
export function estimateMemoryBytes(weightBytes: number): number {
  return EMPTY_ENGINE_BYTES + Math.ceil(weightBytes * (1 + ACTIVATION_SHARE_OF_WEIGHTS)) + KV_CACHE_ESTIMATE_BYTES;
}

export function planEngine({ sizing = DEFAULT_SIZING, ...input }: PlanInput): EnginePlan {
  const { config } = input;
  const dtype = dtypeOf(config);
  const contextLengthTokens = Math.min(input.contextLengthTokens, config.max_position_embeddings);
  const maxRank = engineRank(input.familyMaxRank);
  const kvCacheBytes = kvCacheFor(config, contextLengthTokens, sizing.maxSequences, BYTES[dtype]);
  const adapterBytes = maxRank * adapterWidth(config) * BYTES[dtype];
  const memoryBytes =
    EMPTY_ENGINE_BYTES +
    Math.ceil(input.weightBytes * (1 + ACTIVATION_SHARE_OF_WEIGHTS)) +
    kvCacheBytes +
    adapterBytes * (sizing.maxAdapters + sizing.maxAdaptersPerBatch);
  return {
    engineId: input.engineId,
    baseCheckpointId: input.baseCheckpointId,
    modelFolder: input.modelFolder,
    dtype,
    contextLengthTokens,
    ...sizing,
    maxRank,
    kvCacheBytes,
    memoryBytes,
  };
}

/** The smallest maximum that the engine accepts and that holds every adapter of the family. */
function engineRank(familyMaxRank: number): number {
  return ENGINE_RANKS.find((rank) => rank >= familyMaxRank) ?? ENGINE_RANKS[ENGINE_RANKS.length - 1]!;
}

function dtypeOf(config: ModelConfig): EnginePlan['dtype'] {
  const name = (config.dtype ?? config.torch_dtype ?? 'float32').replace('torch.', '');
  return name === 'bfloat16' || name === 'float16' ? name : 'float32';
}

/** Every sequence at full length at once: then none is ever put off or recomputed for want of cache. */
function kvCacheFor(config: ModelConfig, contextLength: number, sequences: number, bytes: number): number {
  const heads = config.num_key_value_heads ?? config.num_attention_heads;
  const headSize = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const bytesPerToken = 2 * config.num_hidden_layers * heads * headSize * bytes;
  const blocksPerSequence = Math.ceil(contextLength / KV_BLOCK_TOKENS);
  // One block of the cache is kept empty by the engine.
  const tokens = (blocksPerSequence * sequences + 1) * KV_BLOCK_TOKENS;
  return Math.max(SMALLEST_KV_CACHE_BYTES, tokens * bytesPerToken);
}

/** Inputs and outputs of all linear layers, added up: a LoRA of rank r has r times as many parameters. */
function adapterWidth(config: ModelConfig): number {
  const headSize = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const queries = config.num_attention_heads * headSize;
  const keys = (config.num_key_value_heads ?? config.num_attention_heads) * headSize;
  const attention = 2 * (config.hidden_size + queries) + 2 * (config.hidden_size + keys);
  const feedForward = 3 * (config.hidden_size + config.intermediate_size);
  return config.num_hidden_layers * (attention + feedForward);
}
