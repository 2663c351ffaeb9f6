import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphqlClient, signIn } from '#libs/client';
import {
  type TestCheckpoint,
  type TestDatabase,
  testCheckpoint,
  testDatabase,
  testEnvironment,
  testListing,
  testStore,
  testValkey,
} from '#test/harness';
import { BreakableLine } from './breakable-line.js';

const ADMINISTRATOR = { email: 'admin@lab.example', password: 'runs all of the lab 1' };
const OPERATOR = { email: 'operator@lab.example', password: 'publishes checkpoints 1' };
/** Who signs for the lab what the administrator drafts. */
const APPROVER = { email: 'approver@lab.example', password: 'approves contracts 1' };
const READY_WITHIN_SECONDS = 60;

export interface Account {
  email: string;
  password: string;
}

/** A member of a partner, and what belongs to them. */
export interface TestPartner extends Account {
  organizationId: string;
  projectId: string;
}

/** The real api and worker as processes, on servers of the harness. Clients talk to the api itself: the gateway only hands on. */
export class TestPlatform {
  private readonly processes: ChildProcess[] = [];

  private constructor(
    readonly origin: string,
    readonly database: TestDatabase,
    private readonly environment: Record<string, string>,
  ) {}

  /** With a line of its own to the object store, for clients. */
  static async startBehindLine(): Promise<[TestPlatform, BreakableLine]> {
    const { hostname, port } = new URL(testStore().publicEndpoint);
    const line = await BreakableLine.to({ host: hostname, port: Number(port) });
    return [await TestPlatform.start({ S3_PUBLIC_ENDPOINT: `http://127.0.0.1:${line.port}` }), line];
  }

  static async start(environment: Record<string, string> = {}): Promise<TestPlatform> {
    const database = await testDatabase();
    const [api, internal, worker, engines] = await freePorts(4);
    const origin = `http://127.0.0.1:${api}`;
    const platform = new TestPlatform(origin, database, {
      ...testEnvironment(database, await testValkey()),
      HOST: '127.0.0.1',
      PUBLIC_ORIGIN: origin,
      API_PORT: String(api),
      API_INTERNAL_PORT: String(internal),
      WORKER_PORT: String(worker),
      ENGINE_PORT_FIRST: String(engines),
      ENGINE_PORT_COUNT: '1',
      ENGINE_API_KEY: 'a key of engines for tests, 32 letters',
      FORKPOINT_ADMIN_EMAIL: ADMINISTRATOR.email,
      FORKPOINT_ADMIN_PASSWORD: ADMINISTRATOR.password,
      FORKPOINT_OPERATOR_EMAIL: OPERATOR.email,
      FORKPOINT_OPERATOR_PASSWORD: OPERATOR.password,
      ...environment,
    });
    await platform.finish('api/src/bootstrap.js');
    platform.launch('api/src/main.js');
    platform.launch('worker/src/main.js');
    await Promise.all([ready(origin), ready(`http://127.0.0.1:${worker}`)]);
    return platform;
  }

  /** A partner with one project, and its administrator. */
  async partner(slug: string): Promise<TestPartner> {
    const lab = await this.signedIn(ADMINISTRATOR);
    const account = { email: `admin@${slug}.example`, password: 'runs this partner 1' };
    const { organization } = await lab.mutate<{ organization: { id: string } }>(
      'createPartnerOrganization',
      {
        name: slug,
        slug,
        administratorName: 'Ada',
        administratorEmail: account.email,
        administratorPassword: account.password,
      },
      'organization { id }',
    );
    const client = await this.signedIn(account);
    const { project } = await client.mutate<{ project: { id: string } }>(
      'createProject',
      { name: 'Compilers', slug: 'compilers' },
      'project { id }',
    );
    return { organizationId: organization.id, projectId: project.id, ...account };
  }

  /** A published checkpoint that a partner may fork. */
  async checkpoint(partner: TestPartner): Promise<TestCheckpoint> {
    const { lab, grantee } = await this.organizations(partner);
    return testCheckpoint(this.database, lab, { grantee });
  }

  /** A variant that a partner has of it, and offers to all others. */
  async listedVariant(
    partner: TestPartner,
    base: TestCheckpoint,
  ): Promise<{ listingId: string; checkpointId: string }> {
    const { lab, grantee: publisher } = await this.organizations(partner);
    const { id: listingId, checkpointId } = await testListing(this.database, { lab, publisher, base });
    return { listingId, checkpointId };
  }

  private async organizations({ organizationId, projectId }: TestPartner) {
    const lab = await this.signedIn(ADMINISTRATOR);
    const { me } = await lab.query<{ me: { id: string; organization: { id: string } } }>(
      '{ me { id organization { id } } }',
    );
    const organization = (id: string, kind: 'lab' | 'partner') => ({
      organizationId: id,
      projectId,
      scope: { organizationId: id, kind, actor: { type: 'user' as const, id: me.id }, projectIds: 'all' as const },
    });
    return { lab: organization(me.organization.id, 'lab'), grantee: organization(organizationId, 'partner') };
  }

  /** Who drafts contracts for the lab, and somebody else who may approve them. */
  async labBilling(): Promise<{ drafter: Account; approver: Account }> {
    const lab = await this.signedIn(ADMINISTRATOR);
    const member = { ...APPROVER, displayName: 'Lin', role: 'LAB_APPROVER' };
    await lab.mutate('addMember', member, 'member { id }');
    return { drafter: ADMINISTRATOR, approver: APPROVER };
  }

  async signedIn({ email, password }: Account): Promise<GraphqlClient> {
    return new GraphqlClient(await signIn(this.origin, email, password));
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.processes.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await Promise.race([ended, sleep(5_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
        await ended;
      }),
    );
    await this.database.drop();
  }

  private launch(script: string): ChildProcess {
    const child = spawn(process.execPath, [resolve('dist/apps', script)], {
      env: { ...process.env, NODE_OPTIONS: '', ...this.environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.processes.push(child);
    return child;
  }

  private async finish(script: string): Promise<void> {
    const child = this.launch(script);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`${script} ended with ${code}`);
  }
}

async function ready(origin: string): Promise<void> {
  const end = performance.now() + READY_WITHIN_SECONDS * 1000;
  while (performance.now() < end) {
    const isReady = await fetch(`${origin}/healthz`).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
    if (isReady) return;
    await sleep(100);
  }
  throw new Error(`${origin} was not ready within ${READY_WITHIN_SECONDS} s`);
}

/** All at once, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
