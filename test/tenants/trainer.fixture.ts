import { createHash, randomBytes } from 'node:crypto';
import { ComputeService } from '#libs/compute';
import { newId, systemClock } from '#libs/kernel';
import type { ComputeOutput, Manifest } from '#libs/messages';
import { Database, type Transaction } from '#platform/database';
import type { TestOrganization } from '#test/harness';
import { attemptPrefix } from '../../libs/compute/src/compute-job.js';
import type { RestAnswer, TenantApi } from './tenant-api.fixture.js';

/** An attempt that runs, and the token that only its trainer knows. */
export interface TrainerAttempt {
  id: string;
  token: string;
  /** Below which it may write. */
  prefix: string;
}

export interface Work {
  manifest: Pick<Manifest, 'kind'> & Partial<Manifest>;
  /** What it stores in its output folder. */
  files: Record<string, string>;
  tokens?: number;
}

const sha256Of = (content: string) => createHash('sha256').update(content).digest('hex');

/** The first attempt of a compute job, begun as the dispatcher begins one. */
export async function beginAttempt(
  api: TenantApi,
  { scope }: TestOrganization,
  computeJobId: string,
): Promise<TrainerAttempt> {
  const [id, token] = [newId('att'), randomBytes(32).toString('base64url')];
  const prefix = await api.get(Database).transaction(scope, async (tx) => {
    const starting = `UPDATE compute_jobs SET state = 'starting', attempts = 1`;
    await tx.query(`${starting} WHERE id = $1 AND organization_id = :organization`, [computeJobId]);
    await insertAttempt(tx, { id, token, computeJobId });
    const [job] = await api.get(ComputeService).find(tx, [computeJobId]);
    return attemptPrefix(job!, 1);
  });
  return { id, token, prefix };
}

function insertAttempt(tx: Transaction, attempt: { id: string; token: string; computeJobId: string }) {
  const now = systemClock.now();
  return tx.query(
    `INSERT INTO compute_attempts (id, organization_id, project_id, compute_job_id, number, state, driver, token_sha256,
       lease_expires_at, created_at)
     SELECT $1, organization_id, project_id, id, 1, 'starting', 'local', $2, $4, $4 FROM compute_jobs WHERE id = $3`,
    [attempt.id, sha256Of(attempt.token), attempt.computeJobId, now],
  );
}

/** What a trainer asks of the internal listener. */
export function askListener(
  api: TenantApi,
  { id, token }: Pick<TrainerAttempt, 'id' | 'token'>,
  path: 'events' | 'urls',
  payload: object,
): Promise<RestAnswer> {
  const url = `/internal/v1/attempts/${id}/${path}`;
  return api.send({ method: 'POST', url, headers: { authorization: `Bearer ${token}` }, payload }, 'internal');
}

/** Does an attempt's work as a trainer does: by the internal listener and the URLs that it gives. */
export async function work(api: TenantApi, attempt: TrainerAttempt, done: Work): Promise<ComputeOutput> {
  const rows = [{ name: 'tokens', step: 1, value: done.tokens ?? 20 }];
  const metrics = { number: 1, at: systemClock.now().toISOString(), type: 'metrics', rows };
  await ask(api, attempt, 'events', { first_number: 1, events: [metrics] });
  const files = Object.entries(done.files).map(([path, content]) => {
    return { path, bytes: Buffer.byteLength(content), sha256: sha256Of(content) };
  });
  const writes = files.map((file) => ({ ...file, path: `output/${file.path}` }));
  const urls = await ask(api, attempt, 'urls', { reads: [], writes });
  for (const [position, { url, headers }] of urls.writes.entries()) {
    const put = await fetch(url, { method: 'PUT', headers, body: Object.values(done.files)[position] });
    if (!put.ok) throw new Error(await put.text());
  }
  const manifest: Manifest = { schema_version: 1, job_id: attempt.id, attempt: 1, files, ...done.manifest };
  const folder = { prefix: 'output', manifest, manifest_sha256: sha256Of(attempt.id) };
  return { attempt: 1, keyPrefix: `${attempt.prefix}output/`, folder };
}

async function ask(api: TenantApi, attempt: TrainerAttempt, path: 'events' | 'urls', payload: object) {
  const { status, body } = await askListener(api, attempt, path, payload);
  if (status !== 200) throw new Error(body);
  return JSON.parse(body);
}
