import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { issueInvoices, type TestCheckpoint } from '#test/harness';
import { type Account, type TestPartner, TestPlatform } from './spec-support/test-platform.js';
import { TestUser } from './spec-support/test-terminal.js';

/** In which a contract is drafted, offered and accepted, on a busy machine too. */
const SHORT_TERM_MILLISECONDS = 8_000;

describe('against a real api and worker', () => {
  let platform: TestPlatform;
  let partner: TestPartner;
  let other: TestPartner;
  let checkpoint: TestCheckpoint;
  /** Signed in with a session. */
  const user = new TestUser();
  /** Has a key in the environment. */
  let script: TestUser;

  beforeAll(async () => {
    platform = await TestPlatform.start({
      WEBHOOK_KEY: 'makes the secrets of webhooks in specs',
      WEBHOOK_ALLOWED_HOSTS: 'hooks.example',
    });
    [partner, other] = [await platform.partner('acme'), await platform.partner('borealis')];
    checkpoint = await platform.checkpoint(partner);
    await signIn(user, partner);
    const scopes =
      'catalog:read,datasets:read,datasets:write,jobs:read,jobs:write,usage:read,evaluations:read,evaluations:write';
    const { secret } = await user.json(['keys', 'create', 'script', '--scope', scopes]);
    script = new TestUser({ FORKPOINT_ORIGIN: platform.origin, FORKPOINT_API_KEY: secret });
  });
  afterAll(async () => {
    user.leave();
    script?.leave();
    await platform?.stop();
  });

  async function signIn(who: TestUser, { email, password }: Account, name = 'Ada'): Promise<void> {
    const words = ['sign-in', '--origin', platform.origin, '--email', email, '--password-stdin'];
    const { exitCode, stdout, stderr } = await who.run(words, { input: `${password}\n` });
    if (exitCode !== 0) throw new Error(stderr);
    expect(stdout).toMatch(`Signed in to ${platform.origin} as ${name} <${email}>, until `);
  }

  test('a session is kept for its owner alone', () => {
    const path = join(user.home, '.config/forkpoint/credentials.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('whoami tells a session from a key', async () => {
    expect(await user.json(['whoami'])).toMatchObject({
      origin: platform.origin,
      type: 'USER',
      organization: { slug: 'acme', kind: 'PARTNER' },
      user: { email: partner.email },
    });
    expect(await script.json(['whoami'])).toMatchObject({ type: 'API_KEY', user: null });
    expect((await script.run(['whoami'])).stdout).toContain('an API key of the environment');
  });

  test('a wrong password keeps what was there', async () => {
    const words = ['sign-in', '--origin', platform.origin, '--email', partner.email, '--password-stdin'];
    const { exitCode, stderr } = await user.run(words, { input: 'not the password' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error INVALID_CREDENTIALS: .*\[request req_\w+\]\n$/);
    expect((await user.run(['whoami'])).exitCode).toBe(0);
  });

  test('signing out ends the session on the platform, too', async () => {
    const guest = new TestUser();
    await signIn(guest, other);
    expect(await guest.json(['whoami'])).toMatchObject({ organization: { slug: 'borealis' } });
    expect(await guest.json(['sign-out'])).toEqual({ origin: platform.origin, signedOut: true });
    expect((await guest.run(['whoami'], { environment: { FORKPOINT_ORIGIN: platform.origin } })).stderr).toContain(
      'NOT_SIGNED_IN',
    );
    guest.leave();
  });

  test('models are listed, filtered and shown', async () => {
    const [listed, ...more] = await script.json(['models', '--kind', 'base', '--prefix', checkpoint.name]);
    expect(more).toEqual([]);
    expect(listed).toMatchObject({ id: checkpoint.id, kind: 'BASE', step: 100, contextLength: 256 });
    expect(await script.json(['models', '--own'])).toEqual([]);
    expect((await script.run(['models'])).stdout).toMatch(/NAME +KIND .*\nbase-\w+ +base .* fine-tune deploy/);
    expect(await script.json(['models', 'show', checkpoint.name])).toMatchObject({
      id: checkpoint.id,
      license: 'Apache-2.0',
    });
    expect((await script.run(['models', 'show', 'nothing'])).stderr).toContain(
      'error CHECKPOINT_NOT_FOUND: There is no checkpoint nothing that you may see',
    );
    expect((await script.run(['models', '--kind', 'strange'])).exitCode).toBe(1);
  });

  test('a variant of one’s own is deleted once nothing needs it, if that is meant', async () => {
    const { listingId, checkpointId } = await platform.listedVariant(partner, await platform.checkpoint(partner));
    const { name } = await script.json(['models', 'show', checkpointId]);
    const held = await script.run(['models', 'delete', name, '--yes']);
    expect(held.exitCode).toBe(1);
    expect(held.stderr).toContain(
      `error VARIANT_IN_USE: ${name} can't be deleted while it is in use: the listing ${listingId}`,
    );
    await user.json(['listings', 'withdraw', listingId]);
    const unasked = await script.run(['models', 'delete', name]);
    expect(unasked).toMatchObject({ exitCode: 2, stderr: 'error USAGE: nobody can be asked here: give --yes\n' });
    const asked = (input: string) => user.run(['models', 'delete', name], { input, isTTY: true });
    expect(await asked('n\n')).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining(`${name} is not deleted`),
    });
    expect(await script.json(['models', 'show', name])).toMatchObject({ status: 'PUBLISHED' });
    const { exitCode, stdout } = await asked('y\n');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /is deleted: its files were removed .* by its owner \(user_\w+\)\. What is known of it stays\./,
    );
    expect((await script.run(['models', 'show', name])).stdout).toMatch(/Status +retired .* by its owner \(user_/);
    expect(await script.json(['models', 'delete', checkpointId, '--yes'])).toMatchObject({ name, status: 'RETIRED' });
    const others = await script.run(['models', 'delete', checkpoint.name, '--yes']);
    expect(others.stderr).toContain('error VARIANT_NOT_OWN');
  });

  test('lineage draws the tree', async () => {
    const lineage = await script.json(['lineage', checkpoint.name]);
    expect(lineage).toMatchObject({ checkpoint: { id: checkpoint.id }, ancestors: [], descendants: [] });
    expect((await script.run(['lineage', checkpoint.id])).stdout).toMatch(`${checkpoint.name}  base, step 100`);
  });

  test('datasets, files and jobs', async () => {
    const dataset = await script.json(['datasets', 'create', 'pairs', '--description', 'Ada to Rust']);
    expect(dataset).toMatchObject({ name: 'pairs', projectId: partner.projectId });
    expect((await script.json(['datasets'])).map(({ id }: { id: string }) => id)).toContain(dataset.id);
    expect(await script.json(['datasets', 'show', 'pairs'])).toMatchObject({ id: dataset.id, versions: [] });
    expect(await script.json(['files'])).toEqual([]);
    expect(await script.json(['jobs', '--status', 'running,queued'])).toEqual([]);
    expect((await script.run(['jobs', 'show', 'ftjob_01jzzzzzzzzzzzzzzzzzzzzzzz'])).stderr).toContain(
      'error JOB_NOT_FOUND',
    );
  });

  test('a mutation repeated under its key is done once, another under it is refused', async () => {
    const create = (name: string) => script.run(['datasets', 'create', name, '--idempotency-key', 'mine', '--json']);
    const [first, second] = [await create('once'), await create('once')];
    expect(JSON.parse(second.stdout)).toEqual(JSON.parse(first.stdout));
    const { exitCode, stderr } = await create('twice');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      requestId: expect.stringMatching(/^req_/),
    });
  });

  test('a file is sent and becomes a version', async () => {
    const path = join(script.home, 'train.jsonl');
    writeFileSync(path, '{"prompt": "a", "completion": "b"}\n');
    const sent = await script.json(['upload', path]);
    expect(sent).toMatchObject({ filename: 'train.jsonl', bytes: 35 });
    const { versions } = await script.json(['datasets', 'show', 'train']);
    expect(versions).toEqual([expect.objectContaining({ id: sent.fileId, number: 1, bytes: '35', status: 'READY' })]);
    const again = await script.run(['upload', path, '--dataset', 'train'], { isTTY: true });
    expect(again.stdout).toMatch(/^file_\w+\n$/);
    expect(again.stderr).toContain('100%');
    expect((await script.run(['files', 'delete', sent.fileId])).stdout).toContain('is deleted');
  });

  test('a quote of what can not be trained is refused with its place', async () => {
    const words = ['quote', '--model', checkpoint.name, '--file', 'file_01jzzzzzzzzzzzzzzzzzzzzzzz', '--rank', '8'];
    const { exitCode, stderr } = await script.run([...words, '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stderr).error.code).toMatch(/^[A-Z_]+$/);
  });

  test('what a key may not is refused with the permission it lacks', async () => {
    const { exitCode, stderr } = await script.run(['keys', 'create', 'more', '--scope', 'catalog:read']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error FORBIDDEN: This needs the permission keys:write/);
  });

  test('keys are made, listed without their secret, and revoked', async () => {
    const made = await user.json([
      'keys',
      'create',
      'short',
      '--scope',
      'inference:call',
      '--expires-in-days',
      '1',
      '--keep',
    ]);
    expect(made.secret).toMatch(/^fpk_/);
    const listed = await user.run(['keys', 'list', '--json']);
    expect(listed.stdout).not.toContain(made.secret);
    expect(JSON.parse(listed.stdout).map(({ id }: { id: string }) => id)).toContain(made.id);
    expect((await user.json(['keys', 'revoke', made.id])).revokedAt).not.toBeNull();
  });

  test('who signs in again keeps their key and project, another does not get them', async () => {
    const guest = new TestUser();
    const kept = () => {
      const { origins } = JSON.parse(readFileSync(join(guest.home, '.config/forkpoint/credentials.json'), 'utf8'));
      const { apiKey, projectId } = origins[platform.origin];
      return { apiKey, projectId };
    };
    await signIn(guest, other);
    const { secret } = await guest.json(['keys', 'create', 'chat', '--scope', 'inference:call', '--keep']);
    await guest.json(['projects', 'use', 'compilers']);
    await signIn(guest, other);
    expect(kept()).toEqual({ apiKey: secret, projectId: other.projectId });
    await signIn(guest, partner);
    expect(kept()).toEqual({});
    guest.leave();
  });

  test('models are called with a key: a session says how to get one', async () => {
    const guest = new TestUser();
    await signIn(guest, other);
    const { exitCode, stderr } = await guest.run(['chat', checkpoint.name, 'Hello']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('forkpoint keys create chat --scope inference:call --keep');
    guest.leave();
  });

  test('usage and deployments of nothing', async () => {
    expect(await script.json(['usage', '--by', 'day,project'])).toMatchObject({ rows: [], total: { currency: 'USD' } });
    expect(await user.json(['deployments'])).toEqual([]);
    expect((await user.run(['deployments', 'show', 'compilers/none'])).stderr).toContain('error DEPLOYMENT_NOT_FOUND');
  });

  test('a suite is made of rows', async () => {
    const path = join(script.home, 'held-out.jsonl');
    writeFileSync(path, '{"prompt": "a", "expected": "b"}\n{"prompt": "c", "expected": "d"}\n');
    expect(await script.json(['evaluate', 'create', '--rows', path])).toMatchObject({
      name: 'held-out',
      metric: 'EXACT_MATCH',
      status: 'READY',
      rowCount: 2,
    });
    expect(await script.json(['evaluate', 'suites'])).toHaveLength(1);
    expect((await script.run(['evaluate', 'run', 'nothing', checkpoint.name])).stderr).toContain(
      'error SUITE_NOT_FOUND',
    );
  });

  test('one project needs no name, and one that is not there is told with those that are', async () => {
    const { exitCode, stderr } = await script.run(['datasets', 'create', 'x', '--project', 'wrong']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('error USAGE: you have no project wrong: there are compilers\n');
    expect(await user.json(['projects', 'use', 'compilers'])).toMatchObject({ id: partner.projectId });
  });

  describe('contracts and money', () => {
    const [drafter, approver] = [new TestUser(), new TestUser()];
    let contractId: string;
    let versionId: string;

    beforeAll(async () => {
      const lab = await platform.labBilling();
      await signIn(drafter, lab.drafter, 'Lab administrator');
      await signIn(approver, lab.approver, 'Lin');
    });
    afterAll(() => {
      drafter.leave();
      approver.leave();
    });

    const write = (name: string, text: string) => {
      const path = join(drafter.home, name);
      writeFileSync(path, text);
      return path;
    };
    const terms = (priceNanos: number) => `
minimumMinor: 90071992547409931234
paymentDays: 45
exportClearances: ['4E091']
retention: { uploadDays: 90 }
prices:
  - id: input
    meter: input_tokens
    flat: { priceNanos: ${priceNanos}, perUnits: 1 }`;
    const draftOf = (endsAt: string) => `
organizationId: ${partner.organizationId}
name: Trial
currency: EUR
endsAt: ${endsAt}
graceDays: 0
summary: As discussed.
terms: ${terms(250).replaceAll('\n', '\n  ')}`;

    async function submitted(endsAt: string) {
      const drafted = await drafter.json(['contracts', 'draft', '--file', write('draft.yaml', draftOf(endsAt))]);
      await drafter.json(['contracts', 'submit', drafted.contractVersion.id]);
      return { contractId: drafted.contract.id as string, versionId: drafted.contractVersion.id as string };
    }

    async function sign(version: string, who: TestUser, name: 'offer' | 'accept') {
      const { stdout } = await who.run(['contracts', 'document', version]);
      const sha256 = createHash('sha256').update(stdout).digest('hex');
      return who.json(['contracts', name, version, '--as', 'Pia', '--title', 'CFO', '--document', sha256]);
    }

    test('a contract goes from a file to two signatures, by the bytes that were read', async () => {
      ({ contractId, versionId } = await submitted('2027-12-01T00:00:00Z'));
      const words = ['contracts', 'offer', versionId, '--as', 'L', '--title', 'T', '--document', 'a'.repeat(64)];
      expect((await approver.run(words)).stderr).toMatch(/^error CONTRACT_\w+: /);
      expect(await sign(versionId, approver, 'offer')).toMatchObject({ state: 'OFFERED' });
      expect(await sign(versionId, user, 'accept')).toMatchObject({ state: 'ACCEPTED' });
      expect(await user.json(['contracts', 'show', contractId])).toMatchObject({
        state: 'IN_FORCE',
        versions: [{ number: 1, signatures: [{ side: 'LAB' }, { side: 'PARTNER', signatoryName: 'Pia' }] }],
      });
      expect((await user.run(['contracts'])).stdout).toMatch(/Trial +acme +in force +1 +EUR/);
    });

    test('an amendment is told by its redline', async () => {
      const path = write(
        'terms.json',
        JSON.stringify({
          prices: [{ id: 'input', meter: 'INPUT_TOKENS', flat: { priceNanos: '200', perUnits: '1' } }],
        }),
      );
      const amended = await drafter.json(['contracts', 'amend', contractId, '--terms', path, '--summary', 'Cheaper.']);
      const { stdout } = await drafter.run(['contracts', 'redline', amended.id]);
      expect(stdout).toMatch(/prices +prices.*250.*200/);
      expect(stdout).toMatch(/payment +paymentDays.*45.*30/);
      expect(stdout).toMatch(/export control +exportClearances.*4E091/);
      expect(stdout).toMatch(/retention +retention.*uploadDays.*90.*null/);
      expect(await drafter.json(['contracts', 'withdraw', amended.id, '--reason', 'No.'])).toMatchObject({
        state: 'WITHDRAWN',
      });
    });

    test('caps and credits are exact, in a currency that is never guessed', async () => {
      const cap = await user.json(['caps', 'set', '--limit', '0.000000001 EUR', '--per', 'month', '--soft']);
      expect(cap).toMatchObject({
        limit: { nanos: '1', currency: 'EUR' },
        isHard: false,
        alertPercents: [50, 80, 100],
      });
      expect((await user.json(['caps'])).map(({ id }: { id: string }) => id)).toEqual([cap.id]);
      await user.json(['caps', 'remove', cap.id]);
      expect(await user.json(['caps'])).toEqual([]);
      const grant = (amount: string) =>
        drafter.run(['credits', 'grant', contractId, '--amount', amount, '--reason', 'Welcome']);
      expect((await grant('5 USD')).stderr).toContain('the contract is in EUR, not USD');
      expect((await grant('5.001 EUR')).stderr).toContain('EUR has 2 decimal places');
      expect((await grant('5.01 EUR')).stdout).toMatch(/^5\.01 EUR are granted: cgr_/);
      expect(await user.json(['credits'])).toMatchObject([{ amountMinor: '501' }]);
      expect(await user.json(['credit-notes'])).toEqual([]);
    });

    test('the lab says who may use a checkpoint, and where, which whoever sees it is told', async () => {
      const tag = (...options: string[]) => drafter.run(['models', 'tag', checkpoint.name, ...options]);
      const tagged = await tag('--export', '4E091', '--regions', 'eu-central,us-east');
      expect(tagged.stdout).toContain('is classified 4E091, and may be used in eu-central, us-east.');
      const { stdout } = await user.run(['models', 'show', checkpoint.name]);
      expect(stdout).toMatch(/Export control +4E091\n *Used in +eu-central, us-east\n/);
      expect((await user.run(['models', 'tag', checkpoint.name])).stderr).toContain('error FORBIDDEN');
      expect((await tag()).stdout).toContain('is not classified, and may be used anywhere.');
    });

    test('a licence is read, and accepted by the hash of what was read', async () => {
      const path = write('license.txt', 'You may.');
      const words = ['licenses', 'publish', 'Apache-2.0', '--file', path, '--from', '2099-01-01'];
      const { id, sha256 } = await drafter.json(words);
      const { stdout } = await user.run(['licenses', 'text', id]);
      expect({ stdout, sha256 }).toEqual({
        stdout: 'You may.',
        sha256: createHash('sha256').update(stdout).digest('hex'),
      });
      const accept = (document: string) => user.run(['licenses', 'accept', id, '--document', document]);
      expect((await accept('a'.repeat(64))).stderr).toContain('error LICENSE_DIFFERS');
      expect((await accept(sha256)).stdout).toContain(`${id} is accepted: lacc_`);
      expect(await user.json(['licenses', 'acceptances'])).toMatchObject([{ sha256, license: { id, version: 1 } }]);
      expect((await user.run(['licenses'])).stdout).toContain(sha256);
      expect(await user.json(['licenses', 'outstanding'])).toEqual([]);
    });

    test('who offers nothing sees no listings, and offers what it has alone', async () => {
      expect((await user.run(['listings'])).stdout).toContain('No listings.');
      expect(await user.json(['listings', 'own', '--state', 'in-review'])).toEqual([]);
      const offer = ['--title', 'Rust', '--summary', 'Writes Rust.', '--terms', write('terms.txt', 'Use it kindly.')];
      const prices = ['--input-price', '0.50 USD', '--output-price', '1.50 USD'];
      const refused = await user.run(['listings', 'create', 'no-such-variant', ...offer, ...prices]);
      expect(refused.stderr).toContain('error CHECKPOINT_NOT_FOUND');
    });

    test('what was not earned is not paid out', async () => {
      const { organizationId } = partner;
      const payout = ['--amount', '5 EUR', '--reference', 'SEPA 1', '--sent', '2026-01-01'];
      const { stderr } = await drafter.run(['payouts', 'record', organizationId, ...payout]);
      expect(stderr).toContain('error PAYOUT_EXCEEDS: 500 is more than 0 minor units of EUR');
      expect((await user.run(['payouts', 'record', organizationId, ...payout])).stderr).toContain('error FORBIDDEN');
      expect((await user.run(['payouts'])).stdout).toContain('No payouts.');
      expect(await drafter.json(['payouts', 'payable'])).toEqual([]);
    });

    test('an endpoint is made, shown its secrets once, and removed', async () => {
      const url = 'https://hooks.example/forkpoint';
      const made = await user.json(['webhooks', 'create', url, '--events', 'invoice-paid,spend-cap-exhausted']);
      expect(made).toMatchObject({ url, events: ['INVOICE_PAID', 'SPEND_CAP_EXHAUSTED'] });
      expect(made.secret).toMatch(/^whsec_/);
      const rotated = await user.run(['webhooks', 'rotate', made.id]);
      expect(rotated.stdout).toMatch(/whsec_/);
      expect(rotated.stdout).not.toContain(made.secret);
      expect((await user.run(['webhooks'])).stdout).toMatch(new RegExp(`${made.id} +${url} +invoice paid, .* told`));
      expect((await user.run(['webhooks', 'deliveries', made.id])).stdout).toContain('Nothing was sent.');
      await user.json(['webhooks', 'remove', made.id]);
      expect(await user.json(['webhooks'])).toEqual([]);
    });

    test('an invoice is previewed, issued, and fetched as PDF and as the history that it follows from', async () => {
      expect(await user.json(['invoices', 'preview', contractId])).toMatchObject({
        period: 1,
        due: { currency: 'EUR' },
      });
      expect(await user.json(['forecast', contractId])).toMatchObject({ expectedDue: { currency: 'EUR' } });
      // Over in a moment, so that its one invoice is final at once.
      const endsAt = Date.now() + SHORT_TERM_MILLISECONDS;
      const short = await submitted(new Date(endsAt).toISOString());
      await sign(short.versionId, approver, 'offer');
      await sign(short.versionId, user, 'accept');
      await sleep(Math.max(endsAt - Date.now(), 0) + 50);
      await issueInvoices(platform.database, { ...short, organizationId: partner.organizationId });
      const [invoice] = await user.json(['invoices', '--contract', short.contractId]);
      expect(invoice).toMatchObject({ period: 1, due: { currency: 'EUR', display: expect.stringMatching(/EUR$/) } });
      const shown = await user.run(['invoices', 'show', invoice.id]);
      expect(shown.stdout).toMatch(new RegExp(`minimum .*${invoice.due.display.split('.')[0].slice(0, 4)}`));
      expect((await user.run(['invoices', 'pay-link', invoice.id])).stderr).toContain('error NO_PAYMENT_LINK');
      const [pdf, history] = [join(user.home, 'i.pdf'), join(user.home, 'i.jsonl.gz')];
      await user.json(['invoices', 'pdf', invoice.id, '--out', pdf]);
      expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
      expect((await user.run(['invoices', 'pdf', invoice.id, '--out', pdf])).stderr).toContain('it is there already');
      await user.json(['invoices', 'export', invoice.id, '--out', history]);
      expect(readFileSync(history).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
      const books = join(user.home, 'journal.csv');
      await user.json(['exports', 'journal', '--from', '2026-01-01', '--to', '2026-12-31', '--out', books]);
      expect(readFileSync(books, 'utf8').split(',')[0]).toBe('organization');
      const [journal] = await user.json(['exports', '--journal']);
      expect(journal).toMatchObject({ kind: 'JOURNAL', state: 'READY', from: '2026-01-01T00:00:00.000Z' });
      const again = await user.run(['exports', 'fetch', journal.id, '--out', books]);
      expect(again.stderr).toContain('it is there already');
      const guest = new TestUser();
      await signIn(guest, other);
      expect((await guest.run(['exports', 'fetch', journal.id])).stderr).toContain('error NOT_FOUND');
      expect((await guest.run(['invoices', 'show', invoice.id])).stderr).toContain('error NOT_FOUND');
      guest.leave();
      const statement = await user.json([
        'ledger',
        'statement',
        'accounts-receivable',
        '--currency',
        'EUR',
        '--from',
        '2026-01-01',
        '--to',
        '2126-01-01',
      ]);
      expect(statement.closing).toEqual(invoice.due);
      expect(statement.lines).toMatchObject([{ kind: 'FINALIZE_INVOICE', amount: invoice.due }]);
      const transfer = ['--reference', 'SEPA 7', '--received', '2026-01-05'];
      const enter = (amount: string) => ['invoices', 'transfer', invoice.id, '--amount', amount, ...transfer];
      expect((await drafter.run(enter('1 USD'))).stderr).toContain('the invoice is in EUR, not USD');
      expect((await user.run(enter('1 EUR'))).stderr).toContain('error FORBIDDEN');
      expect((await drafter.run(enter('1 EUR'))).stdout).toContain('The transfer SEPA 7 is on record');
      expect((await drafter.run(['invoices', 'apply', invoice.id])).stderr).toContain('error APPLICATION_NOTHING');
    });
  });
});
