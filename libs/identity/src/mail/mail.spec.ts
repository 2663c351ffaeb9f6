import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTransport, type SentMessageInfo, type Transporter } from 'nodemailer';
import { ManualClock, newId } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { MailDelivery } from './mail-delivery.js';
import { MailOutbox, type NewMail } from './mail-outbox.js';

const clock = new ManualClock(new Date('2026-03-10T12:00:00.000Z'));
const outbox = new MailOutbox(clock);
const MAIL: NewMail = {
  key: 'dunning:1',
  permission: 'invoices:read',
  subject: 'An invoice is overdue',
  text: 'Pay.\n',
};
let testing: TestDatabase;
let database: Database;
let partner: TestOrganization;
beforeAll(async () => {
  testing = await testDatabase();
  const { app: appUrl, reconciler } = testing.urls;
  database = await new Database({ appUrl, narrowUrls: { reconciler }, clock }).connect();
  partner = await testOrganization(testing);
});
afterAll(async () => {
  await database?.close();
  await testing?.drop();
});

const system = (): Scope => ({ ...partner.scope, actor: { type: 'system', id: 'spec' } });
const as = <T>(scope: Scope, work: (tx: Transaction) => Promise<T>) => database.transaction(scope, work);
const post = (part: Partial<NewMail> = {}) => as(system(), (tx) => outbox.post(tx, { ...MAIL, ...part }));
const rows = () =>
  as(partner.scope, (tx) =>
    tx.query<{ attempts: number; sent_at: Date | null; recipients: string[] | null; last_error: string | null }>(
      'SELECT attempts, sent_at, recipients, last_error FROM mail_outbox WHERE organization_id = :organization ORDER BY id',
    ),
  );

/** Whoever has a role in the organization from now on; gives the address. */
async function member(role: string): Promise<string> {
  const [userId, memberId] = [newId('user'), newId('mem')];
  const email = `${memberId}@partner.example`;
  await as(partner.scope, async (tx) => {
    await tx.query(
      `INSERT INTO users (id, organization_id, email, display_name, password_hash, password_changed_at, password_change_required,
         created_at) VALUES ($1, :organization, $2, 'n', 'h', $3, false, $3)`,
      [userId, email, clock.now()],
    );
    await tx.query(
      `INSERT INTO members (id, organization_id, user_id, role, created_by, created_at)
       VALUES ($1, :organization, $2, $3, 'spec', $4)`,
      [memberId, userId, role, clock.now()],
    );
  });
  return email;
}

/**
 * nodemailer's own transports: the one that writes the whole message as it goes over the wire, and one that fails. They are no SMTP server:
 * no connection, no authentication, no answer about recipients.
 */
function recording() {
  const sent: string[] = [];
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const delivery = new MailDelivery(database, clock);
  const deliver = async (using: Transporter = transport) =>
    delivery.deliverDue({ transport: using, from: 'Lab <l@lab.example>' });
  const send = transport.sendMail.bind(transport);
  transport.sendMail = (async (mail: Parameters<typeof send>[0]) => {
    const info: SentMessageInfo = await send(mail);
    sent.push(String(info.message));
    return info;
  }) as typeof transport.sendMail;
  return { sent, deliver };
}

const broken = createTransport({
  name: 'broken',
  version: '1',
  send: (_mail, callback) => callback(new Error('421 try again later'), undefined as never),
});

it('is posted once per key, by the system alone, and seen by its organization and the lab', async () => {
  expect([await post(), await post({ text: 'Again.' })]).toEqual([true, false]);
  await expect(as(partner.scope, (tx) => outbox.post(tx, { ...MAIL, key: 'mine' }))).rejects.toThrow(
    'row-level security',
  );
  expect(await rows()).toHaveLength(1);
  const other = await testOrganization(testing);
  expect(
    await as(other.scope, (tx) =>
      tx.query('SELECT id FROM mail_outbox WHERE organization_id = $1', [partner.organizationId]),
    ),
  ).toEqual([]);
});

it('is tried again, later each time, while it can not be sent', async () => {
  const { sent, deliver } = recording();
  const failing = async () => [...(await deliver(broken)).values()].map(String);
  expect(await failing()).toEqual(['Error: 421 try again later']);
  clock.advance(59_999);
  expect(await failing()).toEqual([]);
  clock.advance(1);
  expect(await failing()).toEqual(['Error: 421 try again later']);
  clock.advance(60_000);
  await deliver();
  expect(sent).toEqual([]);
  expect(await rows()).toEqual([{ attempts: 2, sent_at: null, recipients: null, last_error: '421 try again later' }]);
});

it('goes once to those who hold the permission when it is sent, with two workers at work', async () => {
  const { sent, deliver } = recording();
  const [admin, engineer] = [await member('partner_admin'), await member('partner_engineer')];
  clock.advance(60_000);
  await Promise.all([deliver(), deliver()]);
  await deliver();
  expect(sent).toHaveLength(1);
  const [message] = sent as [string];
  expect(message).toContain('From: Lab <l@lab.example>\n');
  expect(message).toContain('Subject: An invoice is overdue\n');
  expect(message).toMatch(/^Message-ID: <mail_[0-9a-z]{26}@forkpoint>$/m);
  expect(message).toContain('Auto-Submitted: auto-generated\n');
  expect(message).toMatch(/\n\nPay\.\n$/);
  expect(message).toContain(admin);
  expect(message).not.toContain(engineer);
  expect(await rows()).toMatchObject([{ attempts: 3, sent_at: clock.now(), last_error: null }]);
  expect((await rows())[0]!.recipients).toHaveLength(2);
});

it('waits for somebody who holds the permission', async () => {
  const { sent, deliver } = recording();
  await post({ key: 'for nobody', permission: 'contracts:approve' });
  expect([...(await deliver()).values()].map(String)).toEqual([expect.stringContaining('no member of')]);
  expect(sent).toEqual([]);
});
