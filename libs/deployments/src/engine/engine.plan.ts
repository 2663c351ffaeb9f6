import { z } from 'zod';
import { type Architecture, ENGINE_LORA_RANKS, readArchitecture } from '#libs/catalog';
import type { EnginePlan } from './engine.js';

const Precision = z.looseObject({ dtype: z.string().optional(), torch_dtype: z.string().optional() });

/** What a checkpoint's config.json says of how much memory serving it takes. */
export interface ModelConfig {
  architecture: Architecture;
  dtype: EnginePlan['dtype'];
}

export function readModelConfig(configJson: string): ModelConfig {
  const read = readArchitecture(configJson);
  if ('problem' in read) throw new Error(`config.json ${read.problem}`);
  const { dtype, torch_dtype } = Precision.parse(JSON.parse(configJson));
  const name = (dtype ?? torch_dtype ?? 'float32').replace('torch.', '');
  return { architecture: read.architecture, dtype: name === 'bfloat16' || name === 'float16' ? name : 'float32' };
}

const MEBIBYTE = 1024 ** 2;

/** An engine that serves a model of no size: interpreter, torch and vLLM in its two processes. Measured as PSS after use. */
const EMPTY_ENGINE_BYTES = 850 * MEBIBYTE;
/** Room for the activations of a step, and for what the allocator does not give back. */
const ACTIVATION_SHARE_OF_WEIGHTS = 0.25;
const SMALLEST_KV_CACHE_BYTES = 16 * MEBIBYTE;
const KV_CACHE_ESTIMATE_BYTES = 64 * MEBIBYTE;
/** vLLM allots the cache in blocks of this many tokens on a CPU. */
const KV_BLOCK_TOKENS = 128;
const BYTES = { float32: 4, bfloat16: 2, float16: 2 } as const;

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
  const { architecture, dtype } = input.config;
  const contextLengthTokens = Math.min(input.contextLengthTokens, architecture.contextLength);
  const maxRank = engineRank(input.familyMaxRank);
  const kvCacheBytes = kvCacheFor(architecture, contextLengthTokens, sizing.maxSequences, BYTES[dtype]);
  const adapterBytes = maxRank * adapterWidth(architecture) * BYTES[dtype];
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
  return ENGINE_LORA_RANKS.find((rank) => rank >= familyMaxRank) ?? Math.max(...ENGINE_LORA_RANKS);
}

/** Every sequence at full length at once: then none is ever put off or recomputed for want of cache. */
function kvCacheFor(
  { layers, keyValueHeads, headSize }: Architecture,
  contextLength: number,
  sequences: number,
  bytes: number,
): number {
  const bytesPerToken = 2 * layers * keyValueHeads * headSize * bytes;
  const blocksPerSequence = Math.ceil(contextLength / KV_BLOCK_TOKENS);
  // One block of the cache is kept empty by the engine.
  const tokens = (blocksPerSequence * sequences + 1) * KV_BLOCK_TOKENS;
  return Math.max(SMALLEST_KV_CACHE_BYTES, tokens * bytesPerToken);
}

/** Inputs and outputs of all linear layers, added up: a LoRA of rank r has r times as many parameters. */
function adapterWidth({
  layers,
  hiddenSize,
  attentionHeads,
  keyValueHeads,
  headSize,
  feedForwardSize,
}: Architecture): number {
  const attention = 2 * (hiddenSize + attentionHeads * headSize) + 2 * (hiddenSize + keyValueHeads * headSize);
  const feedForward = 3 * (hiddenSize + feedForwardSize);
  return layers * (attention + feedForward);
}
