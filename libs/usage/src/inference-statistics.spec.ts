import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { readDeploymentStatistics } from './inference-statistics.js';

const NOON = Date.UTC(2026, 2, 1, 12);
const at = (seconds: number) => new Date(NOON + seconds * 1000);
const range = { from: at(0), to: at(3_600) };

let testing: TestDatabase;
let database: Database;
let partner: TestOrganization;
let gateway: pg.Client;

beforeAll(async () => {
  testing = await testDatabase();
  partner = await testOrganization(testing);
  database = await new Database({ appUrl: testing.urls.app }).connect();
  gateway = new pg.Client(testing.urls.gateway);
  await gateway.connect();
});
afterAll(async () => {
  await gateway.end();
  await database.close();
  await testing.drop();
});

interface Call {
  deploymentId: string;
  revisionId?: string;
  /** After noon. */
  admittedSeconds: number;
  /** After it was admitted. */
  firstTokenSeconds?: number;
  endedSeconds?: number;
  endReason?: string;
  cachedInputTokens?: number;
  outputTokens?: number;
}

/** As the gateway records it. */
async function record(call: Call): Promise<void> {
  const { deploymentId, revisionId = 'rev_1', admittedSeconds, firstTokenSeconds, endedSeconds } = call;
  const after = (seconds: number | undefined) => (seconds === undefined ? null : at(admittedSeconds + seconds));
  const reason = endedSeconds === undefined ? null : (call.endReason ?? 'completed');
  const state = reason === null ? 'admitted' : reason === 'recorder_lost' ? 'cut' : 'settled';
  const id = newId('use');
  await gateway.query(
    `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, model, checkpoint_id, base_checkpoint_id,
       family_id, deployment_id, revision_id, input_tokens, admitted_at)
     VALUES ($1, $2, $3, 'inference', $1, 'admitted', 'm', 'ckpt', 'ckpt', 'fam', $4, $5, 10, $6)`,
    [id, partner.organizationId, partner.projectId, deploymentId, revisionId, at(admittedSeconds)],
  );
  await gateway.query(
    `UPDATE usage_events SET state = $2, end_reason = $3, cached_input_tokens = $4, output_tokens = $5, first_token_at = $6,
       ended_at = $7 WHERE id = $1`,
    [
      id,
      state,
      reason,
      call.cachedInputTokens ?? 0,
      call.outputTokens ?? 0,
      after(firstTokenSeconds),
      after(endedSeconds),
    ],
  );
}

const read = (ids: string[], asked = range, scope = partner.scope) =>
  database.read(scope, (tx) => readDeploymentStatistics(tx, ids, asked));

describe('statistics of deployments', () => {
  it('count calls by how they ended, those that run among them', async () => {
    const deploymentId = newId('dep');
    const reasons = ['completed', 'completed', 'refused', 'client_disconnected', 'engine_failed', 'recorder_lost'];
    for (const [position, endReason] of reasons.entries())
      await record({ deploymentId, admittedSeconds: 1, endedSeconds: 2, endReason, cachedInputTokens: position });
    await record({ deploymentId, admittedSeconds: 1 });
    const [statistics] = await read([deploymentId]);
    expect(statistics!.total).toMatchObject({
      requests: 7,
      running: 1,
      completed: 2,
      refused: 1,
      clientDisconnected: 1,
      engineFailed: 1,
      recorderLost: 1,
      inputTokens: 70n,
      cachedInputTokens: 15n,
    });
  });

  it('give exact percentiles of completed calls, and of first tokens of streamed ones', async () => {
    const deploymentId = newId('dep');
    for (let seconds = 0; seconds <= 100; seconds++) {
      const isStreamed = seconds >= 1 && seconds <= 21;
      const firstTokenSeconds = isStreamed ? seconds / 100 : undefined;
      await record({ deploymentId, admittedSeconds: 5, endedSeconds: seconds, firstTokenSeconds, outputTokens: 100 });
    }
    // How long a failure took says nothing of how fast answers are.
    await record({ deploymentId, admittedSeconds: 5, endedSeconds: 900, endReason: 'engine_failed', outputTokens: 7 });
    const [statistics] = await read([deploymentId]);
    const { total } = statistics!;
    expect(total.latencySeconds).toEqual({ p50: 50, p95: 95, p99: 99 });
    expect(total.firstTokenSeconds.p50).toBeCloseTo(0.11, 9);
    expect(total.firstTokenSeconds.p95).toBeCloseTo(0.2, 9);
    expect(total.outputTokensPerSecond).toBe((101 * 100) / 5_050);
    expect(total.outputTokens).toBe(10_107n);
  });

  it('are split by revision and by buckets of UTC, empty ones among them, within the range', async () => {
    const deploymentId = newId('dep');
    const calls = [
      { revisionId: 'rev_a', admittedSeconds: -1 },
      { revisionId: 'rev_a', admittedSeconds: 0 },
      { revisionId: 'rev_a', admittedSeconds: 59 },
      { revisionId: 'rev_b', admittedSeconds: 60 },
      { revisionId: 'rev_b', admittedSeconds: 3_599 },
      { revisionId: 'rev_b', admittedSeconds: 3_600 },
    ];
    for (const call of calls) await record({ deploymentId, ...call, endedSeconds: 1 });
    const [statistics] = await read([deploymentId]);
    const { total, buckets, revisions, bucketSeconds } = statistics!;
    expect({ bucketSeconds, requests: total.requests, buckets: buckets.length }).toEqual({
      bucketSeconds: 60,
      requests: 4,
      buckets: 60,
    });
    const counted = buckets.map(({ traffic }) => traffic.requests);
    expect(counted).toEqual([2, 1, ...Array(57).fill(0), 1]);
    expect(buckets[1]!.from).toEqual(at(60));
    expect(buckets[2]!.traffic.latencySeconds).toEqual({ p50: null, p95: null, p99: null });
    expect(revisions.map(({ revisionId, traffic }) => [revisionId, traffic.requests])).toEqual([
      ['rev_a', 2],
      ['rev_b', 2],
    ]);
    const [shifted] = await read([deploymentId], { from: at(30), to: at(90) });
    expect(shifted!.buckets).toMatchObject([
      { from: at(0), traffic: { requests: 1 } },
      { from: at(60), traffic: { requests: 1 } },
    ]);
  });

  it.each([
    [3_600, 60],
    [24 * 3_600, 300],
    [7 * 24 * 3_600, 3_600],
    [31 * 24 * 3_600, 21_600],
  ])('of %i s come in buckets of %i s, some hundred at most', async (seconds, bucketSeconds) => {
    const [statistics] = await read([newId('dep')], { from: at(1), to: at(1 + seconds) });
    expect(statistics).toMatchObject({ bucketSeconds, total: { requests: 0, inputTokens: 0n, cachedInputTokens: 0n } });
    expect(statistics!.buckets.length).toBeLessThanOrEqual(301);
  });

  it('of several deployments are in their order, and nobody else’s', async () => {
    const [one, two] = [newId('dep'), newId('dep')];
    await record({ deploymentId: two, admittedSeconds: 1, endedSeconds: 1 });
    const requests = async (scope = partner.scope) =>
      (await read([one, two], range, scope)).map(({ total }) => total.requests);
    expect(await requests()).toEqual([0, 1]);
    const stranger = await testOrganization(testing);
    expect(await requests(stranger.scope)).toEqual([0, 0]);
    expect(await requests({ ...partner.scope, projectIds: [newId('proj')] })).toEqual([0, 0]);
  });

  it.each([
    [at(1), at(1)],
    [at(2), at(1)],
    [at(0), at(31 * 24 * 3_600 + 1)],
  ])('from %p to %p are refused', async (from, to) => {
    await expect(read([newId('dep')], { from, to })).rejects.toMatchObject({ code: 'USAGE_RANGE_INVALID' });
  });
});
