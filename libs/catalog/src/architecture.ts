import { z } from 'zod';
import { canonicalJson, sha256Hex } from '#libs/kernel';

/** What a checkpoint's config.json says that decides how it is served. Absent fields follow transformers' own defaults. */
const ModelConfig = z
  .object({
    model_type: z.string().min(1),
    hidden_size: z.int().min(1),
    num_hidden_layers: z.int().min(1),
    num_attention_heads: z.int().min(1),
    num_key_value_heads: z.int().min(1).nullish(),
    head_dim: z.int().min(1).nullish(),
    intermediate_size: z.int().min(1),
    vocab_size: z.int().min(1),
    max_position_embeddings: z.int().min(1),
    tie_word_embeddings: z.boolean().default(true),
  })
  .transform((config) => ({
    modelType: config.model_type,
    hiddenSize: config.hidden_size,
    layers: config.num_hidden_layers,
    attentionHeads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads ?? config.num_attention_heads,
    headSize: config.head_dim ?? config.hidden_size / config.num_attention_heads,
    feedForwardSize: config.intermediate_size,
    vocabularySize: config.vocab_size,
    contextLength: config.max_position_embeddings,
    tiedEmbeddings: config.tie_word_embeddings,
  }));

export type Architecture = z.infer<typeof ModelConfig>;

/** Reads a transformers config.json; a problem says which field is at fault. */
export function readArchitecture(configJson: string): { architecture: Architecture } | { problem: string } {
  let config: unknown;
  try {
    config = JSON.parse(configJson);
  } catch {
    return { problem: 'is not JSON' };
  }
  const result = ModelConfig.safeParse(config);
  if (result.success) return { architecture: result.data };
  const { path, message } = result.error.issues[0] as z.core.$ZodIssue;
  return { problem: `can't be read at ${path.join('.') || 'its root'}: ${message}` };
}

/** Equal for checkpoints that an adapter may move between. */
export function architectureSha256(architecture: Architecture): string {
  return sha256Hex(canonicalJson(architecture));
}
