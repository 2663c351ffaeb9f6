import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEASURED_CORE, OTHER_CORE, type Program } from './processes.js';

/** What an engine answers to a call that is not streamed, in vLLM's shape and size. */
const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'MODEL',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'The quick brown fox jumps over the lazy dog. '.repeat(4) },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 12, completion_tokens: 42, total_tokens: 54 },
});

export interface Ports {
  /** An nginx that answers as an engine would, faster than any. */
  wholeEngine: number;
  /** The streaming engine of mock-engine.ts. */
  streamEngine: number;
  /** nginx in front of the first, and in front of the second. */
  wholeProxy: number;
  streamProxy: number;
  gateway: number;
}

/** The engine for whole answers, and the proxy that the gateway is measured against: what proxying costs at the least. */
export function nginxPrograms(directory: string, ports: Ports, model: string): { engine: Program; proxy: Program } {
  const engine = `server { listen 127.0.0.1:${ports.wholeEngine} backlog=4096; location / {
    default_type application/json; return 200 '${ANSWER.replace('MODEL', model)}'; } }`;
  const proxyOf = (port: number, upstream: string) => `server { listen 127.0.0.1:${port} backlog=4096; location / {
    proxy_pass http://${upstream}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } }`;
  const upstreamOf = (name: string, port: number) =>
    `upstream ${name} { server 127.0.0.1:${port}; keepalive 1024; keepalive_requests 100000000; keepalive_timeout 3600s; }`;
  const proxy = [
    upstreamOf('whole', ports.wholeEngine),
    upstreamOf('stream', ports.streamEngine),
    proxyOf(ports.wholeProxy, 'whole'),
    proxyOf(ports.streamProxy, 'stream'),
  ].join('\n');
  return {
    engine: program(directory, 'engine', engine, ports.wholeEngine, OTHER_CORE),
    proxy: program(directory, 'proxy', proxy, ports.wholeProxy, MEASURED_CORE),
  };
}

function program(directory: string, name: string, servers: string, port: number, core: number): Program {
  const home = join(directory, name);
  mkdirSync(home, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${home}/${kind};`,
  );
  writeFileSync(
    join(home, 'nginx.conf'),
    `daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 20000;
    pid ${home}/nginx.pid; error_log ${home}/error.log warn;
    events { worker_connections 8192; }
    http { access_log off; keepalive_requests 100000000; keepalive_timeout 3600; tcp_nodelay on; client_body_buffer_size 128k;
    ${temporary.join(' ')}
    ${servers}
    }\n`,
  );
  return { name: `nginx ${name}`, command: 'nginx', args: ['-c', join(home, 'nginx.conf'), '-p', home], port, core };
}
