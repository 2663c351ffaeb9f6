import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OTHER_CORE } from './processes.js';

export interface Target {
  port: number;
  key: string;
  model: string;
}

export interface WholeResult {
  requests: number;
  requestsPerSecond: number;
  medianMicroseconds: number;
  p99Microseconds: number;
}

const body = (model: string, stream: boolean) =>
  JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Tell me about foxes. '.repeat(40) }] });

/** Whole answers, one after another on each connection, by wrk. */
export async function wholeAnswers(
  directory: string,
  { port, key, model }: Target,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<WholeResult> {
  mkdirSync(directory, { recursive: true });
  const script = join(directory, 'load.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer ${key}"
wrk.body = [[${body(model, false)}]]
done = function(summary, latency)
  io.write(string.format("%d %f %d %d %d\\n", summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end\n`,
  );
  const args = [
    '-c',
    String(OTHER_CORE),
    'wrk',
    '--timeout',
    '30s',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}/v1/chat/completions`,
  ];
  const { stdout } = await promisify(execFile)('taskset', args);
  const [requests, requestsPerSecond, medianMicroseconds, p99Microseconds, errors] = (
    stdout.trim().split('\n').at(-1) as string
  )
    .split(' ')
    .map(Number) as [number, number, number, number, number];
  if (errors > 0) throw new Error(`${errors} of ${requests} calls of port ${port} failed`);
  return { requests, requestsPerSecond, medianMicroseconds, p99Microseconds };
}

export interface StreamResult {
  chunks: number;
  seconds: number;
  /** From the engine's write to our read. */
  medianDelayMicroseconds: number;
  p99DelayMicroseconds: number;
}

const STAMP = /@@(\d+)@@/g;

/** `streams` answers at once, each read to its end. */
export async function streamedAnswers({ port, key, model }: Target, streams: number): Promise<StreamResult> {
  const agent = new Agent({ keepAlive: false, maxSockets: streams });
  const delays: number[] = [];
  const begin = performance.now();
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      const call = request(
        { port, host: '127.0.0.1', path: '/v1/chat/completions', method: 'POST', agent, headers },
        (response) => {
          if (response.statusCode !== 200) reject(new Error(`port ${port} answered ${response.statusCode}`));
          response.setEncoding('latin1').on('data', (text: string) => {
            const now = process.hrtime.bigint();
            for (const [, stamp] of text.matchAll(STAMP)) delays.push(Number(now - BigInt(stamp as string)) / 1000);
          });
          response.on('end', resolve).on('error', reject);
        },
      );
      call.on('error', reject).end(body(model, true));
    });
  await Promise.all(Array.from({ length: streams }, one));
  const seconds = (performance.now() - begin) / 1000;
  delays.sort((a, b) => a - b);
  const quantile = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] as number;
  return {
    chunks: delays.length,
    seconds,
    medianDelayMicroseconds: quantile(0.5),
    p99DelayMicroseconds: quantile(0.99),
  };
}
