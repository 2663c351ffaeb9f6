import { describe, expect, it } from '@jest/globals';
import { sumOf, VllmClient } from './vllm.client.js';

describe('an engine’s metrics', () => {
  const exposition = `# HELP vllm:num_requests_running Number of requests.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="ckpt_1"} 2.0
vllm:num_requests_running{engine="1",model_name="ckpt_1"} 1.0
vllm:num_requests_waiting{engine="0",model_name="ckpt_1"} 4.0
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 7.0
plain 3.5
`;

  it('are added up by name over their labels', () => {
    expect(sumOf(exposition, 'vllm:num_requests_running')).toBe(3);
    expect(sumOf(exposition, 'vllm:num_requests_waiting')).toBe(4);
    expect(sumOf(exposition, 'plain')).toBe(3.5);
    expect(sumOf(exposition, 'absent')).toBe(0);
  });
});

describe('an engine that is not there', () => {
  const client = new VllmClient({ url: 'http://127.0.0.1:9', baseCheckpointId: 'ckpt_1' });

  it('is not healthy, and what is asked of it fails with a typed error', async () => {
    expect(await client.isHealthy()).toBe(false);
    await expect(client.activity()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE', retryable: true });
  });
});
