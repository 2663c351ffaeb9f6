import { type Dispatcher, request } from 'undici';
import { ENGINE_ERRORS } from '../deployments.errors.js';
import type { EngineActivity, EngineClient } from './engine.js';

const TIMEOUT_MILLISECONDS = 5_000;
/** Loading an adapter reads its file and copies it into the engine's slots. */
const LOAD_TIMEOUT_MILLISECONDS = 60_000;
const REASON_LENGTH = 500;

/** vLLM's management endpoints. They stay behind the gateway, which passes only names that it knows. */
export class VllmClient implements EngineClient {
  constructor(
    private readonly location: { url: string; baseCheckpointId: string },
    private readonly apiKey?: string,
  ) {}

  async isHealthy(): Promise<boolean> {
    try {
      return (await this.send('GET', '/health')).status === 200;
    } catch {
      return false;
    }
  }

  async probe(): Promise<void> {
    const body = { model: this.location.baseCheckpointId, prompt: 'a', max_tokens: 1, temperature: 0 };
    this.accept('answer a first request', await this.send('POST', '/v1/completions', body, LOAD_TIMEOUT_MILLISECONDS));
  }

  async adapters(): Promise<Set<string>> {
    const { text } = this.accept('list its models', await this.send('GET', '/v1/models'));
    const { data } = JSON.parse(text) as { data: Array<{ id: string; parent?: string | null }> };
    return new Set(data.filter((model) => model.parent != null).map((model) => model.id));
  }

  async loadAdapter(checkpointId: string, folder: string): Promise<void> {
    const body = { lora_name: checkpointId, lora_path: folder };
    const answer = await this.send('POST', '/v1/load_lora_adapter', body, LOAD_TIMEOUT_MILLISECONDS);
    // A checkpoint never changes: what is loaded under its id is it.
    if (answer.status === 400 && answer.text.includes('already been loaded')) return;
    this.accept(`load ${checkpointId}`, answer);
  }

  async unloadAdapter(checkpointId: string): Promise<void> {
    const answer = await this.send('POST', '/v1/unload_lora_adapter', { lora_name: checkpointId });
    if (answer.status === 404) return;
    this.accept(`unload ${checkpointId}`, answer);
  }

  async activity(): Promise<EngineActivity> {
    const { text } = this.accept('tell its metrics', await this.send('GET', '/metrics'));
    return { requests: sumOf(text, 'vllm:num_requests_running') + sumOf(text, 'vllm:num_requests_waiting') };
  }

  private async send(
    method: Dispatcher.HttpMethod,
    path: string,
    body?: object,
    timeoutMilliseconds = TIMEOUT_MILLISECONDS,
  ): Promise<{ status: number; text: string }> {
    try {
      const response = await request(new URL(path, this.location.url), {
        method,
        headers: {
          ...(this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        headersTimeout: timeoutMilliseconds,
        bodyTimeout: timeoutMilliseconds,
      });
      return { status: response.statusCode, text: await response.body.text() };
    } catch (error) {
      const { message } = error as Error;
      throw ENGINE_ERRORS.ENGINE_UNREACHABLE({ url: this.location.url, reason: message }, { cause: error });
    }
  }

  private accept(action: string, answer: { status: number; text: string }): { text: string } {
    if (answer.status === 200) return answer;
    throw ENGINE_ERRORS.ENGINE_REFUSED({ action, status: answer.status, reason: answer.text.slice(0, REASON_LENGTH) });
  }
}

/** Adds up the samples of one metric in Prometheus's text format, whatever their labels. */
export function sumOf(exposition: string, metric: string): number {
  let sum = 0;
  for (const line of exposition.split('\n')) {
    if (!line.startsWith(metric) || !/^[{ ]/.test(line.slice(metric.length))) continue;
    sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
