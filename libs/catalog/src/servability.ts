import type { DomainError } from '#libs/kernel';
import type { Architecture } from './architecture.js';
import { CATALOG_ERRORS } from './catalog.errors.js';

/** Ranks that an engine can be started with as its maximum. */
export const ENGINE_LORA_RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;

/** Head sizes that the engine's attention kernels take; with another one it starts and dies at the first request. */
export const ENGINE_HEAD_SIZES = [32, 48, 64, 80, 96, 112, 128, 192, 256] as const;

const ATTENTION = ['q_proj', 'k_proj', 'v_proj', 'o_proj'];
const GATED_FEED_FORWARD = ['gate_proj', 'up_proj', 'down_proj'];
const LLAMA_LIKE = [...ATTENTION, ...GATED_FEED_FORWARD];

/** The linear layers of each architecture that is served with adapters, by its `model_type`. */
export const LINEAR_MODULES: Readonly<Record<string, readonly string[]>> = {
  llama: LLAMA_LIKE,
  mistral: LLAMA_LIKE,
  qwen2: LLAMA_LIKE,
  qwen3: LLAMA_LIKE,
};

export interface ServedBase {
  architecture: Architecture;
  contextLength: number;
  maxLoraRank: number;
}

export interface AdapterRequest {
  rank: number;
  targetModules: 'all-linear' | readonly string[];
  /** Longest row it is trained on. */
  maxTokens?: number;
  dora?: boolean;
  modulesToSave?: readonly string[] | null;
}

/** Everything that would keep an adapter from being served, found before it is trained and charged. */
export function servabilityProblems(base: ServedBase, adapter: AdapterRequest): DomainError[] {
  return [...baseProblems(base.architecture), ...adapterProblems(base, adapter)];
}

/** What keeps a checkpoint from being served at all. */
export function baseProblems({ modelType, headSize }: Architecture): DomainError[] {
  const problems: DomainError[] = [];
  if (!LINEAR_MODULES[modelType])
    problems.push(
      CATALOG_ERRORS.ARCHITECTURE_NOT_SERVABLE({ modelType, supported: Object.keys(LINEAR_MODULES).join(', ') }),
    );
  if (!ENGINE_HEAD_SIZES.some((size) => size === headSize))
    problems.push(CATALOG_ERRORS.HEAD_SIZE_NOT_SERVABLE({ headSize, supported: ENGINE_HEAD_SIZES.join(', ') }));
  return problems;
}

function adapterProblems({ architecture, contextLength, maxLoraRank }: ServedBase, adapter: AdapterRequest) {
  const problems: DomainError[] = [];
  const { rank, maxTokens } = adapter;
  if (rank > maxLoraRank)
    problems.push(CATALOG_ERRORS.RANK_NOT_SERVABLE({ rank, maximum: maxLoraRank }, { path: ['rank'] }));
  const supported = servedModules(architecture);
  const unsupported = resolveTargets(architecture, adapter.targetModules).filter((name) => !supported.includes(name));
  if (supported.length > 0 && unsupported.length > 0)
    problems.push(
      CATALOG_ERRORS.TARGETS_NOT_SERVABLE(
        { modules: unsupported.join(', '), supported: supported.join(', ') },
        { path: ['targetModules'] },
      ),
    );
  if (maxTokens !== undefined && maxTokens > contextLength)
    problems.push(CATALOG_ERRORS.CONTEXT_NOT_SERVABLE({ tokens: maxTokens, contextLength }, { path: ['maxTokens'] }));
  if (adapter.dora) problems.push(CATALOG_ERRORS.ADAPTER_FEATURE_NOT_SERVABLE({ feature: 'DoRA' }));
  if (adapter.modulesToSave?.length)
    problems.push(CATALOG_ERRORS.ADAPTER_FEATURE_NOT_SERVABLE({ feature: 'modules_to_save' }));
  return problems;
}

/** The modules that a request names, `all-linear` written out as PEFT does: every linear layer but the output head. */
export function resolveTargets(
  architecture: Architecture,
  targets: AdapterRequest['targetModules'],
): readonly string[] {
  return targets === 'all-linear' ? (LINEAR_MODULES[architecture.modelType] ?? []) : targets;
}

/** Tied embeddings are one matrix used twice: an adapter on one use alone is not what was trained. */
function servedModules({ modelType, tiedEmbeddings }: Architecture): readonly string[] {
  const linear = LINEAR_MODULES[modelType] ?? [];
  return tiedEmbeddings || linear.length === 0 ? linear : [...linear, 'embed_tokens', 'lm_head'];
}
