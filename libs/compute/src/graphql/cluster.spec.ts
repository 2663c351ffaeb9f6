import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IdentityGraphqlModule } from '#libs/identity/graphql';
import { newId, systemClock } from '#libs/kernel';
import { Database } from '#platform/database';
import { type TestDatabase, TestGraphql, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { ComputeGraphqlModule } from './index.js';

const MINUTE_MILLISECONDS = 60_000;
const now = systemClock.now().getTime();
const ago = (minutes: number) => new Date(now - minutes * MINUTE_MILLISECONDS);

const JOBS = `query($states: [ClusterJobState!], $first: Int, $after: String) {
  clusterJobs(states: $states, first: $first, after: $after) {
    nodes { id organization { id } projectId projectName kind state attempts failures maxAttempts queuedAt startedAt }
    pageInfo { hasNextPage endCursor } } }`;
const ATTEMPTS = `{ clusterAttempts { nodes { id jobId organization { id } projectName kind number state driver heardAt
  leaseExpiresAt progress { stage step totalSteps secondsLeft } } } }`;
const LOAD = '{ clusterLoad { waiting running paused waitingSince } }';

describe('the cluster, as its operators see it', () => {
  let testing: TestDatabase;
  let graphql: TestGraphql;
  let lab: TestOrganization;
  let partners: TestOrganization[];
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    testing = await testDatabase();
    lab = await testOrganization(testing, 'lab');
    partners = [await testOrganization(testing), await testOrganization(testing)];
    graphql = await TestGraphql.start(testing, [IdentityGraphqlModule, ComputeGraphqlModule]);
    const [one, two] = partners as [TestOrganization, TestOrganization];
    ids['waiting'] = await job(one, 'queued', { queuedAt: ago(5) });
    ids['waitingLonger'] = await job(two, 'queued', { queuedAt: ago(9) });
    ids['running'] = await job(two, 'running', { queuedAt: ago(20) });
    ids['paused'] = await job(one, 'paused', { queuedAt: ago(30) });
    ids['over'] = await job(one, 'succeeded', { queuedAt: ago(40), endedAt: ago(35) });
    ids['attempt'] = await attempt(two, ids['running'], 'running');
    await attempt(one, ids['over'], 'ended');
  });
  afterAll(async () => {
    await graphql?.stop();
    await testing?.drop();
  });

  async function job(
    { scope, organizationId, projectId }: TestOrganization,
    state: string,
    { queuedAt, endedAt = null }: { queuedAt: Date; endedAt?: Date | null },
  ): Promise<string> {
    const id = newId('cjob');
    const progress = { stage: 'train', step: 3, totalSteps: 10, tokens: 1, secondsLeft: 42 };
    await graphql.get(Database).transaction(scope, (tx) =>
      tx.query(
        `INSERT INTO compute_jobs (id, organization_id, organization_kind, project_id, kind, owner_id, state, parameters, inputs,
           output_prefix, limits, max_attempts, attempts, failures, progress, created_at, queued_at, available_at, ended_at)
         VALUES ($1::text, $2, 'partner', $3, 'train', $1, $4, '{"secret": 1}', '[]', $1, '{}', 3, 2, 1, $5, $6, $6, $6, $7)`,
        [id, organizationId, projectId, state, JSON.stringify(progress), queuedAt, endedAt],
      ),
    );
    return id;
  }

  async function attempt({ scope, organizationId, projectId }: TestOrganization, jobId: string, state: string) {
    const id = newId('att');
    await graphql.get(Database).transaction(scope, (tx) =>
      tx.query(
        `INSERT INTO compute_attempts (id, organization_id, project_id, compute_job_id, number, state, driver, token_sha256,
           lease_expires_at, created_at, started_at) VALUES ($1, $2, $3, $4, 2, $5, 'local', $1, $6, $7, $7)`,
        [id, organizationId, projectId, jobId, state, ago(-4), ago(3)],
      ),
    );
    return id;
  }

  const operator = () => graphql.caller(lab);
  const idsOf = (nodes: Array<{ id: string }>) => nodes.map(({ id }) => id);

  it('holds the jobs of all organizations that are not over, those first that wait longest', async () => {
    const { clusterJobs } = await graphql.ask(operator(), JOBS);
    expect(idsOf(clusterJobs.nodes)).toEqual([ids['paused'], ids['running'], ids['waitingLonger'], ids['waiting']]);
    expect(clusterJobs.nodes[2]).toEqual({
      id: ids['waitingLonger'],
      organization: { id: partners[1]!.organizationId },
      projectId: partners[1]!.projectId,
      projectName: 'project',
      kind: 'TRAIN',
      state: 'QUEUED',
      attempts: 2,
      failures: 1,
      maxAttempts: 3,
      queuedAt: ago(9).toISOString(),
      startedAt: null,
    });
  });

  it('is shown by state and in pages', async () => {
    const first = await graphql.ask(operator(), JOBS, { states: ['QUEUED'], first: 1 });
    expect(idsOf(first.clusterJobs.nodes)).toEqual([ids['waitingLonger']]);
    const { hasNextPage, endCursor } = first.clusterJobs.pageInfo;
    expect(hasNextPage).toBe(true);
    const second = await graphql.ask(operator(), JOBS, { states: ['QUEUED'], first: 1, after: endCursor });
    expect(idsOf(second.clusterJobs.nodes)).toEqual([ids['waiting']]);
    expect(second.clusterJobs.pageInfo.hasNextPage).toBe(false);
  });

  it('holds the attempts whose processes may be there, with what was heard of them', async () => {
    const { clusterAttempts } = await graphql.ask(operator(), ATTEMPTS);
    expect(clusterAttempts.nodes).toEqual([
      {
        id: ids['attempt'],
        jobId: ids['running'],
        organization: { id: partners[1]!.organizationId },
        projectName: 'project',
        kind: 'TRAIN',
        number: 2,
        state: 'RUNNING',
        driver: 'local',
        // Five minutes of silence end a lease.
        heardAt: ago(1).toISOString(),
        leaseExpiresAt: ago(-4).toISOString(),
        progress: { stage: 'train', step: 3, totalSteps: 10, secondsLeft: 42 },
      },
    ]);
  });

  it('is counted', async () => {
    const { clusterLoad } = await graphql.ask(operator(), LOAD);
    expect(clusterLoad).toEqual({ waiting: 2, running: 1, paused: 1, waitingSince: ago(9).toISOString() });
  });

  it.each([JOBS, ATTEMPTS, LOAD])('is nothing for partners, nor for others of the lab: %s', async (query) => {
    for (const who of [graphql.caller(partners[0]!), graphql.caller(lab, ['jobs:read', 'usage:read'])]) {
      await expect(graphql.ask(who, query)).rejects.toThrow(/FORBIDDEN/);
    }
  });

  it.each(['cluster_jobs', 'cluster_attempts', 'cluster_engines'])(
    'is empty in a partner’s scope, whoever asks the database: %s',
    async (name) => {
      const rows = await graphql.get(Database).read(partners[1]!.scope, (tx) => tx.query(`SELECT * FROM ${name}()`));
      expect(rows).toEqual([]);
    },
  );
});
