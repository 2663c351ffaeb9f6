import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

/**
 * An engine that only streams, in vLLM's shape: `chunks` events, `intervalMilliseconds` apart (0: as fast as they are read),
 * each with the moment it was written on the clock that all processes of the machine share. It generates nothing.
 */
const [port, model, chunks, intervalMilliseconds] = process.argv.slice(2) as [string, string, string, string];
const interval = Number(intervalMilliseconds);
const count = Number(chunks);

const head = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"${model}","choices":[{"index":0,"delta":{"content":"@@`;
const middle = `@@ brown"},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":12,"total_tokens":`;

function eventOf(position: number): string {
  return `${head}${process.hrtime.bigint()}${middle}${12 + position},"completion_tokens":${position}}}\n\n`;
}

function finish(response: ServerResponse): void {
  const usage = `"usage":{"prompt_tokens":12,"total_tokens":${12 + count},"completion_tokens":${count}}`;
  response.end(
    `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"${model}","choices":[],${usage}}\n\ndata: [DONE]\n\n`,
  );
}

function paced(response: ServerResponse): void {
  let position = 0;
  const timer = setInterval(() => {
    if (response.destroyed) return clearInterval(timer);
    response.write(eventOf(++position));
    if (position < count) return;
    clearInterval(timer);
    finish(response);
  }, interval);
}

async function flood(response: ServerResponse): Promise<void> {
  const closed = once(response, 'close');
  for (let position = 1; position <= count; position++) {
    if (response.destroyed) return;
    if (!response.write(eventOf(position))) await Promise.race([once(response, 'drain'), closed]);
  }
  finish(response);
}

createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    if (interval > 0) paced(response);
    else void flood(response);
  });
}).listen(Number(port), '127.0.0.1');
