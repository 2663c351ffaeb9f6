import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TestUser } from '../spec-support/test-terminal.js';

interface Asked {
  messages: Array<{ role: string; content: string }>;
  stream: boolean;
}

/** What is told here is between a person and the command; the journey of the command line talks to a real engine. */
describe('a conversation', () => {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const { messages, stream } = JSON.parse(await text(request)) as Asked;
    asked.push({ messages, stream });
    const said = messages.at(-1)!.content;
    if (said === 'fail') {
      const error = { message: 'No.', type: 'invalid_request_error', code: 'refused', param: null };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
      return;
    }
    if (!stream) {
      const choices = [{ index: 0, message: { role: 'assistant', content: `heard ${said}` }, finish_reason: 'stop' }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of ['heard ', said])
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  let user: TestUser;

  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    user = new TestUser({ FORKPOINT_ORIGIN: origin, FORKPOINT_API_KEY: 'fpk_1' });
  });
  beforeEach(() => {
    asked.length = 0;
  });
  afterAll(() => {
    user.leave();
    return new Promise((done) => server.close(done));
  });
  const saidIn = ({ messages }: Asked) => messages.map(({ content }) => content);

  test('goes on with all that was said, until it is cleared', async () => {
    const input = 'one\ntwo\n/clear\nthree\n/exit\nfour\n';
    const { exitCode, stdout } = await user.run(['chat', 'model', '--system', 'be brief'], { input, isTTY: true });
    expect(exitCode).toBe(0);
    expect(stdout).toBe('heard one\nheard two\nheard three\n');
    expect(asked.map(saidIn)).toEqual([
      ['be brief', 'one'],
      ['be brief', 'one', 'heard one', 'two'],
      ['be brief', 'three'],
    ]);
  });

  test('survives an answer that fails, and forgets what it was to', async () => {
    const { exitCode, stdout, stderr } = await user.run(['chat', 'model'], { input: 'fail\ntwo\n', isTTY: true });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('No.');
    expect(stdout).toBe('heard two\n');
    expect(asked.map(saidIn)).toEqual([['fail'], ['two']]);
  });

  test('answers once to a prompt, or to what is piped in', async () => {
    expect(await user.run(['chat', 'model', 'one', 'word'])).toMatchObject({ exitCode: 0, stdout: 'heard one word\n' });
    expect(await user.run(['chat', 'model'], { input: 'from a pipe\n' })).toMatchObject({
      exitCode: 0,
      stdout: 'heard from a pipe\n',
    });
    expect((await user.json(['chat', 'model', 'one'])).choices[0].message.content).toBe('heard one');
    expect((await user.run(['chat', 'model', 'one', '--no-stream'])).stdout).toBe('heard one\n');
    expect(asked.map(({ stream }) => stream)).toEqual([true, true, false, false]);
  });
});
