import { describe, expect, it } from '@jest/globals';
import { type Architecture, architectureSha256, readArchitecture } from './architecture.js';
import { type AdapterRequest, servabilityProblems } from './servability.js';

const CONFIG = {
  model_type: 'qwen3',
  hidden_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  head_dim: 32,
  intermediate_size: 384,
  vocab_size: 262,
  max_position_embeddings: 512,
  tie_word_embeddings: true,
};
function architectureOf(change: object = {}): Architecture {
  const read = readArchitecture(JSON.stringify({ ...CONFIG, ...change }));
  if ('problem' in read) throw new Error(read.problem);
  return read.architecture;
}
const codes = (change: object, request: Partial<AdapterRequest> = {}) =>
  servabilityProblems(
    { architecture: architectureOf(change), contextLength: 512, maxLoraRank: 64 },
    { rank: 16, targetModules: 'all-linear', ...request },
  ).map((problem) => problem.code);

describe('the servability gate', () => {
  it('lets through what the engine was measured to serve', () => {
    expect(codes({})).toEqual([]);
    expect(codes({}, { rank: 64, targetModules: ['q_proj', 'v_proj'], maxTokens: 512 })).toEqual([]);
    expect(codes({ tie_word_embeddings: false }, { targetModules: ['lm_head', 'embed_tokens'] })).toEqual([]);
    for (const head_dim of [32, 48, 64, 80, 96, 128]) expect(codes({ head_dim })).toEqual([]);
  });

  it.each<[string, object, Partial<AdapterRequest>]>([
    ['RANK_NOT_SERVABLE', {}, { rank: 65 }],
    ['TARGETS_NOT_SERVABLE', {}, { targetModules: ['q_proj', 'conv1d'] }],
    ['TARGETS_NOT_SERVABLE', {}, { targetModules: ['lm_head'] }],
    ['CONTEXT_NOT_SERVABLE', {}, { maxTokens: 513 }],
    ['ADAPTER_FEATURE_NOT_SERVABLE', {}, { dora: true }],
    ['ADAPTER_FEATURE_NOT_SERVABLE', {}, { modulesToSave: ['lm_head'] }],
    ['HEAD_SIZE_NOT_SERVABLE', { head_dim: 16 }, {}],
    ['HEAD_SIZE_NOT_SERVABLE', { head_dim: null, num_attention_heads: 6 }, {}],
    ['ARCHITECTURE_NOT_SERVABLE', { model_type: 'mamba' }, {}],
  ])('refuses with %s (%j, %j)', (code, config, request) => {
    expect(codes(config, request)).toEqual([code]);
  });

  it('names everything that is in the way at once', () => {
    expect(codes({ head_dim: 16 }, { rank: 128, dora: true })).toEqual([
      'HEAD_SIZE_NOT_SERVABLE',
      'RANK_NOT_SERVABLE',
      'ADAPTER_FEATURE_NOT_SERVABLE',
    ]);
  });
});

describe('an architecture', () => {
  it('fills in what config.json may leave out', () => {
    expect(architectureOf({ head_dim: undefined, num_key_value_heads: undefined })).toMatchObject({
      headSize: 32,
      keyValueHeads: 4,
      contextLength: 512,
    });
  });

  it('has a hash that what does not matter leaves alone', () => {
    const sha256 = architectureSha256(architectureOf());
    expect(architectureSha256(architectureOf({ transformers_version: '6', use_cache: false }))).toBe(sha256);
    expect(architectureSha256(architectureOf({ num_hidden_layers: 4 }))).not.toBe(sha256);
  });

  it('says what can not be read', () => {
    expect(readArchitecture('{')).toEqual({ problem: 'is not JSON' });
    expect(readArchitecture('{}')).toEqual({ problem: expect.stringContaining('model_type') });
    expect(readArchitecture(JSON.stringify({ ...CONFIG, vocab_size: 'many' }))).toEqual({
      problem: expect.stringContaining('vocab_size'),
    });
  });
});
