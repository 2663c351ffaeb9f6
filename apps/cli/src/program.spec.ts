import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from './program.js';
import { TestUser } from './spec-support/test-terminal.js';
import type { Terminal } from './terminal.js';

/** Port 9 is reserved for a service that nobody runs. */
const NOWHERE = 'http://127.0.0.1:9';
const KEY = 'fpk_of_nobody';

function leaves(command: Command, path: string[] = []): Array<{ path: string[]; command: Command }> {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

describe('forkpoint', () => {
  const user = new TestUser();
  const client = new TestUser({ FORKPOINT_ORIGIN: NOWHERE, FORKPOINT_API_KEY: KEY });
  afterAll(() => {
    user.leave();
    client.leave();
  });
  const { stdin, stdout, stderr } = process;
  const terminal: Terminal = { stdin, stdout, stderr, environment: {}, now: () => new Date(), onInterrupt: null };
  const program = createProgram(terminal);

  test('has the commands of a day’s work, each described and with --json', () => {
    const commands = leaves(program);
    expect(commands.map(({ path }) => path.join(' '))).toEqual(
      expect.arrayContaining([
        'sign-in',
        'sign-out',
        'whoami',
        'projects list',
        'models list',
        'models families',
        'lineage',
        'datasets create',
        'upload',
        'validate',
        'quote',
        'tune',
        'jobs list',
        'jobs show',
        'jobs cancel',
        'jobs pause',
        'jobs resume',
        'follow',
        'logs',
        'metrics',
        'evaluate create',
        'evaluate run',
        'evaluate results',
        'evaluate compare',
        'deploy',
        'deployments switch',
        'deployments roll-back',
        'deployments delete',
        'chat',
        'keys create',
        'keys revoke',
        'usage',
        'contracts draft',
        'contracts redline',
        'contracts offer',
        'contracts accept',
        'contracts amend',
        'caps set',
        'credits grant',
        'invoices pdf',
        'invoices export',
        'invoices transfer',
        'invoices apply',
        'credit-notes refund',
        'ledger statement',
        'exports usage',
        'exports fetch',
        'licenses accept',
        'models tag',
        'models delete',
        'payouts record',
        'listings create',
        'listings take-down',
        'webhooks create',
        'webhooks redeliver',
        'forecast',
      ]),
    );
    for (const { command } of commands) {
      expect(command.description()).not.toBe('');
      expect(command.options.map(({ long }) => long)).toEqual(expect.arrayContaining(['--json', '--debug']));
    }
  });

  test('shows help with code 0', async () => {
    const { exitCode, stdout } = await user.run(['--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Exit codes: 0 done, 1 refused, 2 wrong usage');
    expect((await user.run(['tune', '--help'])).stdout).toContain('--learning-rate-multiplier');
  });

  test.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['lineage'], "missing required argument 'checkpoint'"],
    [['models', '--wrong'], "unknown option '--wrong'"],
    [['validate', 'file_1'], '--for <checkpoint>'],
    [['tune', '--model', 'm', '--file', 'file_1', '--rank', 'many'], 'Give a whole number from 1.'],
    [['tune', '--model', 'm', '--file', 'file_1', '--cap', 'much'], 'Give US dollars, such as 2.50.'],
    [['tune', '--model', 'm', '--file', 'train.jsonl', '--project', 'proj_1'], 'forkpoint upload train.jsonl'],
    [['usage', '--from', 'yesterday'], 'Give a date such as 2026-01-31'],
    [['evaluate', 'create', 'suite'], 'give one of --rows and --file'],
    [['caps', 'set', '--per', 'month', '--limit', '250'], 'Give an amount and its currency, such as "250.00 EUR".'],
    [['caps', 'set', '--per', 'month', '--limit', '1 EUR', '--alert-at', '0'], 'Give percents such as 50,80,100.'],
    [['contracts', 'accept', 'cver_1', '--as', 'Ada', '--title', 'CFO'], '--document <sha256>'],
    [['licenses', 'accept', 'lic_1'], '--document <sha256>'],
    [['listings', 'create', 'ft:x', '--title', 'X'], '--title, --summary, --terms, --input-price and --output-price'],
    [['listings', 'update', 'lst_1', '--input-price', '1 USD'], '--input-price and --output-price together'],
    [['listings', 'approve', 'lst_1', '--document', 'x', '--share', '101'], 'Give a percent from 0 to 100'],
    [['payouts', 'record', 'org_1', '--amount', '5', '--reference', 'r'], 'Give an amount and its currency'],
    [['webhooks', 'create', 'https://hooks.example'], '--events <events>'],
    [['upload', '/nowhere/data.jsonl'], '/nowhere/data.jsonl: there is no such file'],
    [['sign-in', '--origin', 'nowhere'], 'nowhere is no address of a platform'],
    [['sign-in', '--origin', NOWHERE], 'nobody can be asked here: give --email'],
  ])('%j is wrong usage: code 2, one line', async (words, message) => {
    const { exitCode, stdout, stderr } = await client.run(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a group without its command shows its help, with code 2', async () => {
    const { exitCode, stderr } = await user.run(['evaluate']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('compare [options] <baseline> <candidate>');
    const forPrograms = await user.run(['evaluate', '--json']);
    expect(forPrograms).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(forPrograms.stderr).error).toMatchObject({ code: 'USAGE' });
  });

  test.each([
    ['Ctrl-C at a question', ['sign-in', '--origin', NOWHERE], 'ada\u0003'],
    ['Ctrl-D at a question', ['sign-in', '--origin', NOWHERE], '\u0004'],
    ['Ctrl-C at a secret', ['sign-in', '--origin', NOWHERE, '--email', 'ada@example.com'], 'pass\u0003'],
    ['a terminal that goes away', ['sign-in', '--origin', NOWHERE, '--email', 'ada@example.com'], 'pass'],
  ])('%s is code 130', async (_, words, input) => {
    const { exitCode, stdout, stderr } = await user.run(words, { input, isTTY: true });
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(stderr).toContain('nothing was entered');
    expect(stderr).not.toContain('pass');
  });

  test('without credentials it is refused, and says what to do', async () => {
    const { exitCode, stdout, stderr } = await user.run(['models'], { environment: { FORKPOINT_ORIGIN: NOWHERE } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(
      `error NOT_SIGNED_IN: You are not signed in to ${NOWHERE}. Run: forkpoint sign-in, or set FORKPOINT_API_KEY (and FORKPOINT_ORIGIN).\n`,
    );
  });

  test('a platform that is not there is code 3, without a stack unless --debug', async () => {
    const { exitCode, stderr } = await client.run(['whoami']);
    expect(exitCode).toBe(3);
    expect(stderr).toBe(`error UNREACHABLE: ${NOWHERE}/graphql can't be reached: is the platform running?\n`);
    const { stderr: traced } = await client.run(['whoami', '--debug']);
    expect(traced).toMatch(/\nUnreachableError: .*\n {4}at .*\[cause\]: .*\n {4,}at /s);
  });

  test('with --json errors are JSON on stderr, and stdout stays empty', async () => {
    const refused = await user.run(['models', '--json'], { environment: { FORKPOINT_ORIGIN: NOWHERE } });
    expect(refused.stdout).toBe('');
    expect(JSON.parse(refused.stderr).error).toMatchObject({ code: 'NOT_SIGNED_IN', path: [], requestId: null });
    const usage = await user.run(['models', '--wrong', '--json']);
    expect(JSON.parse(usage.stderr).error.code).toBe('USAGE');
  });

  test('colours only a terminal, and never against NO_COLOR', async () => {
    const words = ['models'];
    const environment = { FORKPOINT_ORIGIN: NOWHERE };
    expect((await user.run(words, { environment, isTTY: true })).stderr).toContain('\u001b[31m');
    expect(
      (await user.run(words, { environment: { ...environment, NO_COLOR: '1' }, isTTY: true })).stderr,
    ).not.toContain('\u001b');
    expect((await user.run(words, { environment })).stderr).not.toContain('\u001b');
  });

  describe('where something answers that is not as it should be', () => {
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('x-request-id', 'req_1');
      if (request.url === '/graphql') response.writeHead(500).end('<html>broken</html>');
      else
        response.writeHead(429, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            error: { message: 'Wait a minute.', type: 'rate_limit', code: 'rate_limit_exceeded', param: null },
          }),
        );
    });
    let origin: string;
    beforeAll(async () => {
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise((done) => server.close(done)));

    test('it says what answered, with the request id', async () => {
      const { exitCode, stderr } = await client.run(['whoami'], { environment: { FORKPOINT_ORIGIN: origin } });
      expect(exitCode).toBe(3);
      expect(stderr).toContain('answered 500: <html>broken</html> [request req_1]');
    });

    test("the official client's errors are told the same way", async () => {
      const { exitCode, stderr } = await client.run(['chat', 'model', 'Hello', '--json'], {
        environment: { FORKPOINT_ORIGIN: origin },
      });
      expect(exitCode).toBe(1);
      expect(JSON.parse(stderr)).toEqual({
        error: { code: 'RATE_LIMIT_EXCEEDED', message: 'Wait a minute.', path: [], requestId: 'req_1' },
      });
    });
  });
});
