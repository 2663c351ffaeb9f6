import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions } from 'fastify';
import { AuditModule } from '#libs/audit';
import { AuditGraphqlModule } from '#libs/audit/graphql';
import { IdentityModule, LabFounder } from '#libs/identity';
import { IdentityGraphqlModule } from '#libs/identity/graphql';
import { ManualClock } from '#libs/kernel';
import { DatabaseModule } from '#platform/database';
import { ForkpointGraphqlModule, InputPipe } from '#platform/graphql';
import { createServer } from '#platform/http';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, testDatabase } from '#test/harness';
import { AuthModule } from './auth.module.js';

export const PUBLIC_ORIGIN = 'https://forkpoint.example';
export const PEPPER = 'a pepper for tests, of 32 letters';
export const LAB = {
  administrator: { email: 'admin@lab.example', password: 'runs all of the lab 1' },
  operator: { email: 'operator@lab.example', password: 'publishes checkpoints 1' },
};

// biome-ignore lint/suspicious/noExplicitAny: answers are read as their queries ask for them
type Answer = any;

/** What one caller sends with every call: a key, or the cookies of a session with its CSRF token. */
export type Credentials = Record<string, string>;

/** The api with identity and audit alone, on a database of its own, at a time of the spec's choice; the lab is founded. */
export class TestApi {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly server: TestDatabase,
    readonly clock: ManualClock,
  ) {}

  static async start(server?: TestDatabase): Promise<TestApi> {
    const database = server ?? (await testDatabase());
    const clock = new ManualClock();
    const logger = createLogger('test', process.env.TEST_LOG ?? 'fatal');
    @Module({
      imports: [
        DatabaseModule.forRoot({ appUrl: database.urls.app }, clock),
        AuditModule,
        IdentityModule.forRoot({ apiKeyPepper: PEPPER, sessionSecret: 'a session secret for tests, 32 letters' }),
        AuthModule.forRoot({ publicOrigin: PUBLIC_ORIGIN }),
        ForkpointGraphqlModule.forRoot({ logger }),
        IdentityGraphqlModule,
        AuditGraphqlModule,
      ],
      providers: [{ provide: APP_PIPE, useClass: InputPipe }],
    })
    class TestModule {}
    const app = await createServer(TestModule, { logger });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    await app.get(LabFounder).found({ name: 'Lab', slug: 'lab', ...LAB });
    return new TestApi(app, database, clock);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.server.drop();
  }

  send(request: InjectOptions) {
    return this.app.inject(request);
  }

  async signIn(email: string, password: string): Promise<Credentials> {
    const answer = await this.send({ method: 'POST', url: '/auth/sign-in', payload: { email, password } });
    if (answer.statusCode !== 200) throw new Error(answer.body);
    const cookie = answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    return { cookie, 'x-csrf-token': answer.json().csrfToken };
  }

  async query(credentials: Credentials, query: string, variables: object = {}): Promise<Answer> {
    const payload = { query, variables };
    const answer = await this.send({ method: 'POST', url: '/graphql', headers: credentials, payload });
    return answer.json();
  }

  /** Runs a mutation with an idempotency key of its own; gives its payload. */
  async mutate(credentials: Credentials, name: string, input: object, selection: string): Promise<Answer> {
    const inputType = INPUT_TYPES[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation($input: ${inputType}!) { ${name}(input: $input) { ${selection} userErrors { code path message } } }`;
    const withKey = { idempotencyKey: `key ${++mutations}`, ...input };
    const { data, errors } = await this.query(credentials, query, { input: withKey });
    if (errors) throw new Error(JSON.stringify(errors));
    return data[name];
  }

  /** A partner with its administrator signed in. */
  async partner(slug: string): Promise<{ organizationId: string; administrator: Credentials }> {
    const lab = await this.signIn(LAB.administrator.email, LAB.administrator.password);
    const email = `admin@${slug}.example`;
    const password = 'runs this partner 1';
    const input = {
      name: slug,
      slug,
      administratorEmail: email,
      administratorName: 'Administrator',
      administratorPassword: password,
    };
    const { organization } = await this.mutate(lab, 'createPartnerOrganization', input, 'organization { id }');
    return { organizationId: organization.id, administrator: await this.signIn(email, password) };
  }

  async project(credentials: Credentials, slug: string): Promise<string> {
    const { project } = await this.mutate(credentials, 'createProject', { name: slug, slug }, 'project { id }');
    return project.id;
  }

  /** A member who signed in. */
  async member(administrator: Credentials, role: string, projectIds: string[] = []) {
    const email = `member${++mutations}@partner.example`;
    const password = 'is a member of it 1';
    const input = { email, displayName: role, role, projectIds, password };
    const { member } = await this.mutate(administrator, 'addMember', input, 'member { id }');
    return { memberId: member.id as string, email, credentials: await this.signIn(email, password) };
  }
}

const INPUT_TYPES: Record<string, string> = { removeMember: 'MemberInput', resetMemberPassword: 'MemberInput' };
let mutations = 0;

export const bearer = (secret: string): Credentials => ({ authorization: `Bearer ${secret}` });
