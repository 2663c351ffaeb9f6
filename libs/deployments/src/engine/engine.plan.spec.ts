import { describe, expect, it } from '@jest/globals';
import { estimateMemoryBytes, type ModelConfig, planEngine, readModelConfig } from './engine.plan.js';
import { LORA_ROWS_PLUGIN, vllmCommand, vllmEnvironment } from './vllm.command.js';

const json = {
  model_type: 'qwen3',
  hidden_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  head_dim: 32,
  intermediate_size: 384,
  vocab_size: 262,
  max_position_embeddings: 512,
};
const configOf = (change: object = {}): ModelConfig => readModelConfig(JSON.stringify({ ...json, ...change }));
const input = {
  engineId: 'eng_1',
  baseCheckpointId: 'ckpt_1',
  modelFolder: '/models/1',
  config: configOf(),
  weightBytes: 2_700_000,
  contextLengthTokens: 512,
  familyMaxRank: 16,
};

describe('what an engine is started with', () => {
  it('follows from the checkpoint: cache for every sequence at full length, rank, context', () => {
    const plan = planEngine(input);
    // Keys and values, 3 layers, 4 heads of 32, 4 bytes; 16 sequences of 4 blocks and one block more.
    expect(plan.kvCacheBytes).toBe(2 * 3 * 4 * 32 * 4 * (16 * 4 + 1) * 128);
    expect(plan).toMatchObject({ contextLengthTokens: 512, maxRank: 16, dtype: 'float32' });
    expect(planEngine({ ...input, contextLengthTokens: 4096 }).contextLengthTokens).toBe(512);
    expect(planEngine({ ...input, familyMaxRank: 20 }).maxRank).toBe(32);
    expect(planEngine({ ...input, config: configOf({ torch_dtype: 'torch.bfloat16' }) }).dtype).toBe('bfloat16');
  });

  it('takes more memory for a larger model, a longer context, a higher rank', () => {
    const { memoryBytes } = planEngine(input);
    expect(planEngine({ ...input, weightBytes: 2 ** 30 }).memoryBytes).toBeGreaterThan(memoryBytes + 2 ** 30);
    const long = configOf({ max_position_embeddings: 8192 });
    expect(planEngine({ ...input, config: long, contextLengthTokens: 8192 }).memoryBytes).toBeGreaterThan(
      memoryBytes + 300e6,
    );
    expect(planEngine({ ...input, familyMaxRank: 256 }).memoryBytes).toBeGreaterThan(memoryBytes);
    // The estimate made before the files are here is near the plan.
    expect(Math.abs(estimateMemoryBytes(input.weightBytes) / memoryBytes - 1)).toBeLessThan(0.1);
  });

  it('refuses a config.json that does not say what it takes', () => {
    expect(() => readModelConfig('{"hidden_size": 128}')).toThrow('config.json');
  });
});

describe('the command of vLLM', () => {
  const options = { python: '/venv/bin/python', threads: 2, apiKey: 'engine-key' };

  it('serves the base under its id and never without the plugin', () => {
    const { file, args } = vllmCommand(planEngine(input), 21_020, options);
    expect(file).toBe('/venv/bin/python');
    const flagOf = (flag: string) => args[args.indexOf(`--${flag}`) + 1];
    expect(args.slice(0, 2)).toEqual(['-m', 'forkpoint_serving.engine']);
    expect(flagOf('served-model-name')).toBe('ckpt_1');
    expect(flagOf('host')).toBe('127.0.0.1');
    expect(flagOf('max-model-len')).toBe('512');
    // Both are how cached tokens of prompts come to be counted.
    expect(args).toContain('--enable-prompt-tokens-details');
    expect(args).not.toContain('--no-enable-prefix-caching');
    expect(vllmEnvironment(options, {}).VLLM_PLUGINS).toBe(LORA_ROWS_PLUGIN);
  });

  it('hands on none of the worker’s secrets, and its own key by the environment alone', () => {
    const worker = { PATH: '/bin', DATABASE_RECONCILER_URL: 'postgres://secret', S3_SECRET_ACCESS_KEY: 'secret' };
    const environment = vllmEnvironment(options, worker);
    expect(JSON.stringify(environment)).not.toContain('secret');
    expect(environment).toMatchObject({ PATH: '/bin', VLLM_API_KEY: 'engine-key', OMP_NUM_THREADS: '2' });
    expect(vllmCommand(planEngine(input), 21_020, options).args.join(' ')).not.toContain('engine-key');
  });
});
