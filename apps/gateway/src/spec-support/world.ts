import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiKeyService, KeyedHashes, ProjectService, ROLES, ServiceAccountService } from '#libs/identity';
import { type Clock, newId, sha256Hex, systemClock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { createLogger } from '#platform/telemetry';
import {
  type TestCheckpoint,
  type TestDatabase,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { FakeEngine } from '../../../../test/fakes/engine.js';
import type { GatewayConfig } from '../config.js';
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.js';

export const SPECIAL_TOKENS = ['<|user|>', '<|assistant|>', '<|end|>'];
type NewApiKey = Parameters<ApiKeyService['create']>[2];

export const GATEWAY_TOKEN = 'a token of the gateway for specifications';
export const PEPPER = 'a pepper that is long enough for a specification';

/**
 * A gateway of its own over a real database in which a lab publishes a checkpoint, a partner has a variant and a deployment
 * of it, and one engine, a fake, answers for both. Rows are written as the domains' own services write them, but directly.
 */
export class GatewayWorld {
  readonly gateways: Gateway[] = [];
  readonly engines: FakeEngine[] = [];
  private readonly directories: string[] = [];

  private constructor(
    readonly testing: TestDatabase,
    readonly database: Database,
    readonly clock: Clock,
    readonly lab: TestOrganization,
    readonly partner: TestOrganization,
    readonly stranger: TestOrganization,
    readonly base: TestCheckpoint,
  ) {}

  static async create(clock: Clock = systemClock): Promise<GatewayWorld> {
    const testing = await testDatabase();
    const narrowUrls = { reconciler: testing.urls.reconciler, gateway: testing.urls.gateway };
    const database = await new Database({ appUrl: testing.urls.app, narrowUrls, clock }).connect();
    const lab = await testOrganization(testing, 'lab');
    const [partner, stranger] = [await testOrganization(testing), await testOrganization(testing)];
    const base = await testCheckpoint(testing, lab, { grantee: partner });
    const world = new GatewayWorld(testing, database, clock, lab, partner, stranger, base);
    await world.knowSpecialTokens(base);
    return world;
  }

  async close(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.close()));
    await Promise.all(this.engines.map((engine) => engine.stop()));
    await this.database.close();
    await this.testing.drop();
    for (const directory of this.directories) await rm(directory, { recursive: true, force: true });
  }

  /** A gateway that listens, and its address. */
  async gateway(
    overrides: Partial<GatewayConfig> = {},
    options: Partial<GatewayOptions> = {},
  ): Promise<{ gateway: Gateway; origin: string }> {
    const journalDirectory = await mkdtemp(join(tmpdir(), 'gateway-'));
    this.directories.push(journalDirectory);
    const config: GatewayConfig = {
      host: '127.0.0.1',
      port: 0,
      apiUrl: 'http://127.0.0.1:9',
      internalApiUrl: 'http://127.0.0.1:9',
      gatewayToken: GATEWAY_TOKEN,
      trustedProxies: undefined,
      databaseUrl: this.testing.urls.gateway,
      intakeDatabaseUrl: this.testing.urls.intake,
      pepper: PEPPER,
      portal: undefined,
      logLevel: 'fatal',
      journalDirectory,
      engineApiKey: undefined,
      region: 'eu-central',
      engineWaitSeconds: 20,
      maxHeldCalls: 8,
      maxHeldCallsPerKey: 4,
      maxInFlightPerEngine: 64,
      maxBodyBytes: 256 * 1024,
      ...overrides,
    };
    const logger = createLogger('gateway-spec', process.env['GATEWAY_SPEC_LOG'] ?? 'fatal');
    const gateway = await createGateway({ config, logger, clock: this.clock, countMilliseconds: 20, ...options });
    this.gateways.push(gateway);
    const origin = await gateway.server.listen({ port: 0, host: '127.0.0.1' });
    return { gateway, origin };
  }

  /** A key of an organization's first project that may call models, unless said otherwise. */
  async key(organization: TestOrganization, input: Partial<NewApiKey> = {}): Promise<{ id: string; secret: string }> {
    const { scope, projectId } = organization;
    const projects = new ProjectService(this.clock);
    const accounts = new ServiceAccountService(projects, this.clock);
    const hashes = new KeyedHashes({ apiKeyPepper: PEPPER, sessionSecret: PEPPER } as never);
    const service = new ApiKeyService(this.database, projects, accounts, hashes, this.clock);
    const role = ROLES[scope.kind === 'lab' ? 'lab_admin' : 'partner_admin'];
    const principal = {
      type: 'user' as const,
      id: scope.actor.id,
      organizationId: scope.organizationId,
      organizationKind: scope.kind,
      projectIds: 'all' as const,
      permissions: new Set<string>(role.permissions),
    };
    const request = { name: 'spec', scopes: ['inference:call'], projectId, ...input };
    return this.database.transaction(scope, (tx) => service.create(tx, principal, request));
  }

  async revokeKey(organization: TestOrganization, keyId: string): Promise<void> {
    await this.database.transaction(organization.scope, (tx) =>
      tx.query(`UPDATE api_keys SET revoked_at = $2, revoked_by = 'spec' WHERE id = $1`, [keyId, this.clock.now()]),
    );
  }

  /** A variant of the base: an adapter of an organization's project. */
  async variant(organization: TestOrganization, name = `ft:${this.base.name}:spec:${newId('ckpt').slice(-6)}`) {
    const id = newId('ckpt');
    const hash = sha256Hex(this.base.id);
    await this.database.transaction(organization.scope, (tx) =>
      tx.query(
        `INSERT INTO checkpoints (id, organization_id, project_id, family_id, name, kind, parent_checkpoint_id, recipe, base_checkpoint_id,
           step, tokens_seen, license, model_card, status, manifest_sha256, tokenizer_sha256, template_sha256, architecture_sha256,
           architecture, adapter, context_length, created_by, created_at, published_at)
         SELECT $1, $2, $3, family_id, $4, 'adapter', id, '{}', id, 1, 1, license, '{}', 'published', $5, tokenizer_sha256,
           template_sha256, architecture_sha256, architecture, '{}', context_length, 'spec', $6, $6
         FROM checkpoints WHERE id = $7`,
        [id, organization.organizationId, organization.projectId, name, hash, this.clock.now(), this.base.id],
      ),
    );
    return { id, name };
  }

  /** A deployment with a revision for each checkpoint; the first is active. Gives the ids of the revisions. */
  async deployment(organization: TestOrganization, slug: string, checkpointIds: readonly string[]) {
    const id = newId('dep');
    const revisionIds = checkpointIds.map(() => newId('rev'));
    const { organizationId, projectId } = organization;
    await this.database.transaction(organization.scope, async (tx) => {
      await tx.query(
        `INSERT INTO deployments (id, organization_id, project_id, slug, state, active_revision_id, activated_at, created_by, created_at,
           updated_at) VALUES ($1, $2, $3, $4, 'active', $5, $6, 'spec', $6, $6)`,
        [id, organizationId, projectId, slug, revisionIds[0], this.clock.now()],
      );
      for (const [position, checkpointId] of checkpointIds.entries()) {
        await tx.query(
          `INSERT INTO deployment_revisions (id, organization_id, project_id, deployment_id, number, checkpoint_id, checkpoint_name,
             family_id, base_checkpoint_id, adapter_checkpoint_id, tokenizer_sha256, template_sha256, context_length, created_by, created_at)
           SELECT $1, $2, $3, $4, $5, id, name, family_id, base_checkpoint_id, CASE WHEN kind = 'adapter' THEN id END, tokenizer_sha256,
             template_sha256, context_length, 'spec', $7 FROM checkpoints WHERE id = $6`,
          [revisionIds[position], organizationId, projectId, id, position + 1, checkpointId, this.clock.now()],
        );
      }
    });
    return { id, name: `project/${slug}`, revisionIds };
  }

  async activate(organization: TestOrganization, deploymentId: string, revisionId: string): Promise<void> {
    await this.updateDeployment(organization, deploymentId, 'active_revision_id', revisionId);
  }

  async setDeploymentState(organization: TestOrganization, deploymentId: string, state: string): Promise<void> {
    await this.updateDeployment(organization, deploymentId, 'state', state);
  }

  private async updateDeployment(
    { scope }: TestOrganization,
    id: string,
    column: string,
    value: string,
  ): Promise<void> {
    await this.database.transaction(scope, (tx) =>
      tx.query(`UPDATE deployments SET ${column} = $2, updated_at = $3 WHERE id = $1`, [id, value, this.clock.now()]),
    );
  }

  /** A ready engine for the base and the adapters that it is given, and the fake behind it. */
  async engine(adapterIds: readonly string[] = []): Promise<{ id: string; fake: FakeEngine }> {
    const fake = await new FakeEngine([this.base.id, ...adapterIds]).start();
    this.engines.push(fake);
    return { id: await this.engineAt(fake.url, adapterIds), fake };
  }

  async engineAt(url: string, adapterIds: readonly string[] = []): Promise<string> {
    const id = newId('eng');
    await this.asReconciler(async (tx) => {
      await tx.query(
        `INSERT INTO engines (id, base_checkpoint_id, managed_by, host, observed_at, state, url, memory_bytes, max_adapters, created_at)
         VALUES ($1, $2, 'operator', 'spec', $4, 'ready', $3, 0, 8, $4)`,
        [id, this.base.id, url, this.clock.now()],
      );
      for (const checkpointId of adapterIds) {
        await tx.query(`INSERT INTO engine_adapters (engine_id, checkpoint_id, state) VALUES ($1, $2, 'ready')`, [
          id,
          checkpointId,
        ]);
      }
    });
    return id;
  }

  async setEngineState(engineId: string, state: string): Promise<void> {
    await this.asReconciler((tx) => tx.query('UPDATE engines SET state = $2 WHERE id = $1', [engineId, state]));
  }

  async knowSpecialTokens({ id }: { id: string }): Promise<void> {
    await this.asReconciler((tx) =>
      tx.query(
        `INSERT INTO tokenizer_tokens (tokenizer_sha256, special_tokens, read_at)
         SELECT tokenizer_sha256, $2, $3 FROM checkpoints WHERE id = $1`,
        [id, SPECIAL_TOKENS, this.clock.now()],
      ),
    );
  }

  asReconciler<T>(work: (tx: { query: Transaction['query'] }) => Promise<T>): Promise<T> {
    return this.database.as('reconciler', work as never);
  }

  /** What is on record of requests, oldest first. */
  usage(model: string): Promise<UsageRow[]> {
    return this.database.as('gateway', (tx) =>
      tx.query<UsageRow>(
        `SELECT source_id, state, end_reason, input_tokens::int, cached_input_tokens::int, output_tokens::int, checkpoint_id, deployment_id, revision_id,
           project_id, api_key_id, admitted_at, first_token_at, ended_at FROM usage_events WHERE model = $1 ORDER BY id`,
        [model],
      ),
    );
  }
}

export interface UsageRow {
  source_id: string;
  state: string;
  end_reason: string | null;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  checkpoint_id: string;
  deployment_id: string | null;
  revision_id: string | null;
  project_id: string;
  api_key_id: string;
  admitted_at: Date;
  first_token_at: Date | null;
  ended_at: Date | null;
}

export async function eventually(assertion: () => Promise<void> | void, milliseconds = 15_000): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
