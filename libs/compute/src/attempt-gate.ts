import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { EventsRequest, EventsResponse, UrlRequest, UrlResponse } from '#libs/messages';
import { Database, type Scope, systemScope, type Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { ingestEvents } from './attempt-events.js';
import { COMPUTE_ERRORS } from './compute.errors.js';
import { changeAttempt, findAttempt, getJob, lockJob } from './compute.repository.js';
import { LEASE_SECONDS } from './compute.settings.js';
import { attemptPrefix, type ComputeAttempt, type ComputeJob, type InputFile } from './compute-job.js';

/** What never changes about an attempt, so that it can be remembered. */
interface AttemptAddress {
  scope: Scope;
  jobId: string;
  number: number;
  tokenSha256: Buffer;
}

const ADDRESSES_REMEMBERED = 1000;

/**
 * The one way in for trainers. An attempt is heard while it is the job's newest and neither fenced nor over; that is
 * looked up under the job's lock in the very transaction that writes, so a stale attempt changes nothing. It gets no
 * URLs either, which fences the object store. (URLs it got before may live on for their minutes: each is signed for one
 * key below the attempt's own prefix and for the SHA-256 of the bytes, so they can't spoil what others read.)
 */
@Injectable()
export class AttemptGate {
  private readonly addresses = new Map<string, AttemptAddress>();

  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Takes events in the order of their numbers; those it has are dropped. None at all is a heartbeat. */
  async accept(attemptId: string, token: string, request: EventsRequest): Promise<EventsResponse> {
    const { scope, jobId, number } = await this.authenticate(attemptId, token);
    assertConsecutive(request);
    return this.database.transaction(scope, async (tx) => {
      const job = await lockJob(tx, jobId);
      const attempt = await heard(tx, job, number);
      const now = this.clock.now();
      const acknowledged = await ingestEvents(tx, { job, attempt, request, now });
      await changeAttempt(tx, attempt, { leaseExpiresAt: new Date(now.getTime() + LEASE_SECONDS * 1000) });
      return { acknowledged, directive: attempt.state === 'stopping' ? 'stop' : 'continue' };
    });
  }

  /** Short-lived URLs that read the attempt's inputs and write below its own prefix. */
  async presign(attemptId: string, token: string, request: UrlRequest): Promise<UrlResponse> {
    const { scope, jobId, number } = await this.authenticate(attemptId, token);
    const { job, attempt } = await this.database.read(scope, async (tx) => {
      const job = await getJob(tx, jobId);
      return { job, attempt: await heard(tx, job, number) };
    });
    // A cancelled job keeps nothing: the trainer stops at its next upload instead of saving.
    if (job.state === 'cancelling') throw COMPUTE_ERRORS.STALE_ATTEMPT();
    const inputs = inputFiles(job, attempt);
    const reads = request.reads.map(async ({ input, path }) => {
      const file = inputs.get(`${input}/${path}`);
      if (!file) throw COMPUTE_ERRORS.UNKNOWN_INPUT({ input, path });
      const { url } = await this.store.presignGet(file.key, { audience: 'internal' });
      return { input, path, url };
    });
    const writes = request.writes.map(async ({ path, bytes, sha256 }) => {
      const key = `${attemptPrefix(job, attempt.number)}${path}`;
      const { url, headers } = await this.store.presignPut(key, { bytes, sha256 }, { audience: 'internal' });
      return { path, url, headers };
    });
    return { reads: await Promise.all(reads), writes: await Promise.all(writes) };
  }

  private async authenticate(attemptId: string, token: string): Promise<AttemptAddress> {
    const address = this.addresses.get(attemptId) ?? (await this.find(attemptId));
    const given = createHash('sha256').update(token).digest();
    // An unknown attempt costs the same comparison.
    const matches = timingSafeEqual(given, address?.tokenSha256 ?? Buffer.alloc(given.length));
    if (!address || !matches) throw COMPUTE_ERRORS.INVALID_ATTEMPT_TOKEN();
    return address;
  }

  private async find(attemptId: string): Promise<AttemptAddress | null> {
    const [row] = await this.database.as('reconciler', (tx) =>
      tx.query<{ job: string; number: number; token: string; organization: string; kind: 'lab' | 'partner' }>(
        `SELECT a.compute_job_id AS job, a.number, a.token_sha256 AS token, j.organization_id AS organization,
                j.organization_kind AS kind
         FROM compute_attempts a JOIN compute_jobs j ON j.id = a.compute_job_id WHERE a.id = $1`,
        [attemptId],
      ),
    );
    if (!row) return null;
    const address = {
      scope: systemScope(attemptId, row.organization, row.kind),
      jobId: row.job,
      number: row.number,
      tokenSha256: Buffer.from(row.token, 'hex'),
    };
    if (this.addresses.size >= ADDRESSES_REMEMBERED) this.addresses.clear();
    this.addresses.set(attemptId, address);
    return address;
  }
}

async function heard(tx: Transaction, job: ComputeJob, number: number): Promise<ComputeAttempt> {
  const attempt = await findAttempt(tx, job.id, number);
  const stale = !attempt || number !== job.attempts || attempt.state === 'fenced' || attempt.state === 'ended';
  if (stale) throw COMPUTE_ERRORS.STALE_ATTEMPT();
  return attempt;
}

function inputFiles(job: ComputeJob, attempt: ComputeAttempt): Map<string, InputFile> {
  const resume = attempt.resume ? [{ name: 'resume', files: attempt.resume.files }] : [];
  return new Map(
    [...job.inputs, ...resume].flatMap(({ name, files }) => files.map((file) => [`${name}/${file.path}`, file])),
  );
}

function assertConsecutive({ first_number, events }: EventsRequest): void {
  const wrong = events.find((event, position) => event.number !== first_number + position);
  if (wrong) {
    throw COMPUTE_ERRORS.INVALID_TRAINER_REQUEST({
      problem: `event ${wrong.number} is out of order after first_number ${first_number}`,
    });
  }
}
