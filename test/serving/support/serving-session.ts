import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#libs/kernel';
import type { EnginePlan } from '../../../libs/deployments/src/engine/engine.js';
import { planEngine, readModelConfig } from '../../../libs/deployments/src/engine/engine.plan.js';
import { LocalVllmHost } from '../../../libs/deployments/src/engine/local-vllm.host.js';
import { VllmClient } from '../../../libs/deployments/src/engine/vllm.client.js';
import { vllmCommand, vllmEnvironment } from '../../../libs/deployments/src/engine/vllm.command.js';
import { baseCheckpoint, PYTHON, python } from './python.js';

export interface ChatMessage {
  role: string;
  content: string;
}

/** Slots for adapters in one batch. As many as there are adapters: the leak shows when no slot is free. */
const SLOTS = 2;
const FIRST_PORT = 21_880;
const START_MILLISECONDS = 180_000;

/** One base, two partners' adapters, one engine as the platform starts it, and one with the plugin off. */
export class ServingSession {
  readonly baseId = newId('ckpt');
  private unprotected: { child: ChildProcess; client: VllmClient; url: string } | undefined;

  private constructor(
    readonly folder: string,
    readonly base: string,
    readonly data: string,
    readonly host: LocalVllmHost,
    readonly plan: EnginePlan,
    readonly url: string,
    readonly client: VllmClient,
    readonly secondsToReady: number,
  ) {
    this.baseId = plan.baseCheckpointId;
  }

  static async begin(): Promise<ServingSession> {
    const folder = await mkdtemp(join(tmpdir(), 'forkpoint-serving-'));
    const { base, data } = await baseCheckpoint(folder);
    // The adapters are trained while the engine starts.
    const [{ host, plan, url, client, secondsToReady }] = await Promise.all([
      startEngine({ folder, base, baseCheckpointId: newId('ckpt') }),
      python([resolve('test/serving/make_adapters.py'), base, join(data, 'train.jsonl'), folder]),
    ]);
    return new ServingSession(folder, base, data, host, plan, url, client, secondsToReady);
  }

  adapterFolder(name: 'rust' | 'upper' | 'dora'): string {
    return join(this.folder, name);
  }

  /** The same command with another module and no plugin: what stock vLLM does. */
  async withoutPlugin(): Promise<{ url: string; client: VllmClient }> {
    if (this.unprotected) return this.unprotected;
    const port = FIRST_PORT + 10;
    const { file, args } = vllmCommand(this.plan, port, { python: PYTHON, threads: 1 });
    const log = await open(join(this.folder, 'without-plugin.log'), 'a');
    const child = spawn(file, args.with(1, 'vllm.entrypoints.openai.api_server'), {
      detached: true,
      env: { ...vllmEnvironment({ python: PYTHON, threads: 1 }, process.env), VLLM_PLUGINS: '' },
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    const url = `http://127.0.0.1:${port}`;
    this.unprotected = { child, url, client: new VllmClient({ url, baseCheckpointId: this.baseId }) };
    await untilHealthy(this.unprotected.client, async () => {
      if (child.exitCode !== null) throw new Error(`the engine without plugin ended with ${child.exitCode}`);
    });
    return this.unprotected;
  }

  /** Chats that end where an answer is due, with what the data's author expects. */
  async chats(count: number): Promise<Array<{ messages: ChatMessage[]; expected: string }>> {
    const lines = (await readFile(join(this.data, 'evaluation.jsonl'), 'utf8')).split('\n');
    return lines.slice(0, count).map((line) => JSON.parse(line));
  }

  /** What transformers and PEFT answer to the same. */
  async reference(requests: { greedy: object[]; score: object[] }): Promise<{
    greedy: Array<{ text: string; prompt_token_ids: number[] }>;
    score: number[][];
  }> {
    return JSON.parse(await python([resolve('test/serving/reference.py'), this.base], JSON.stringify(requests)));
  }

  async end(): Promise<void> {
    await this.host.stop(this.plan.engineId);
    if (this.unprotected) {
      const { child } = this.unprotected;
      const ended = new Promise((done) => child.once('exit', done));
      process.kill(-child.pid!, 'SIGTERM');
      await Promise.race([ended, sleep(8_000)]);
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {}
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export interface StartedEngine {
  host: LocalVllmHost;
  plan: EnginePlan;
  url: string;
  client: VllmClient;
  secondsToReady: number;
}

/** An engine as the platform starts it, ready. What it keeps of itself lies in the folder; `host.stop` ends it. */
export async function startEngine({
  folder,
  base,
  baseCheckpointId,
}: {
  folder: string;
  base: string;
  baseCheckpointId: string;
}): Promise<StartedEngine> {
  const host = new LocalVllmHost({ home: folder, python: PYTHON, threads: 1, firstPort: FIRST_PORT, portCount: 10 });
  const plan = planEngine({
    engineId: newId('eng'),
    baseCheckpointId,
    modelFolder: base,
    config: readModelConfig(await readFile(join(base, 'config.json'), 'utf8')),
    weightBytes: (await stat(join(base, 'model.safetensors'))).size,
    contextLengthTokens: 512,
    familyMaxRank: 16,
    sizing: { maxSequences: 16, maxAdaptersPerBatch: SLOTS, maxAdapters: 16 },
  });
  const started = performance.now();
  const { url } = await host.start(plan);
  const client = new VllmClient({ url, baseCheckpointId });
  await untilHealthy(client, async () => {
    const seen = await host.observe(plan.engineId);
    if (!seen.running) throw new Error(seen.reason);
  });
  return { host, plan, url, client, secondsToReady: (performance.now() - started) / 1000 };
}

async function untilHealthy(client: VllmClient, stillRuns: () => Promise<void>): Promise<void> {
  for (const deadline = performance.now() + START_MILLISECONDS; performance.now() < deadline; await sleep(200)) {
    await stillRuns();
    if (await client.isHealthy()) return;
  }
  throw new Error(`no engine after ${START_MILLISECONDS / 1000} s`);
}

export interface Completion {
  text: string;
  promptTokenIds: number[];
  tokenIds: number[];
  logprobs: number[];
}

interface ChatAnswer {
  prompt_token_ids: number[];
  choices: [{ message: { content: string }; token_ids: number[]; logprobs: { content: Array<{ logprob: number }> } }];
}

/** What an answer may have at most, where a test says nothing else. */
export const ANSWER_TOKENS = 110;

/** One greedy chat completion, straight from an engine. */
export async function complete(
  url: string,
  model: string,
  messages: readonly ChatMessage[],
  {
    maxTokens = ANSWER_TOKENS,
    ignoreEnd = false,
    apiKey = '',
  }: { maxTokens?: number; ignoreEnd?: boolean; apiKey?: string } = {},
): Promise<Completion> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({
      model,
      messages,
      max_tokens: maxTokens,
      temperature: 0,
      logprobs: true,
      return_token_ids: true,
      ignore_eos: ignoreEnd,
    }),
  });
  const body = (await response.json()) as ChatAnswer;
  if (!response.ok) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  const [choice] = body.choices;
  return {
    text: choice.message.content,
    promptTokenIds: body.prompt_token_ids,
    tokenIds: choice.token_ids,
    logprobs: choice.logprobs.content.map((entry) => entry.logprob),
  };
}

/** Sends in waves of 1, 2, ... 16 and round again: every batch size is met, each wave mixed as the items are. */
export async function inWaves<T, R>(items: readonly T[], send: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let size = 1; results.length < items.length; size = (size % 16) + 1) {
    results.push(...(await Promise.all(items.slice(results.length, results.length + size).map(send))));
  }
  return results;
}
