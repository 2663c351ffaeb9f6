import { rm } from 'node:fs/promises';
import { type Clock, newId } from '#libs/kernel';
import type { Logger } from '#platform/telemetry';
import { USAGE_ERRORS } from '../usage.errors.js';
import type { EndReason } from '../usage.state.js';
import type { Admission, Count, Settlement, UsageBatch } from './usage-batch.js';
import { readBatches, setAside, type UsageJournal } from './usage-journal.js';
import { type ConnectUsageStore, type UsageStore, writeWhatHolds } from './usage-store.js';

const HEARTBEAT_MILLISECONDS = 5_000;
const COUNT_MILLISECONDS = 1_000;
const RECONNECT_MILLISECONDS = 500;
const LARGEST_BATCH = 1_000;

export interface UsageIntakeOptions {
  connect: ConnectUsageStore;
  journal: UsageJournal;
  clock: Clock;
  logger: Logger;
  countMilliseconds?: number;
}

/** Whose request it is and what answers it. */
export type UsageRequest = {
  requestId: string;
  organizationId: string;
  projectId: string;
  apiKeyId: string | null;
  /** As the caller named it. */
  model: string;
  checkpointId: string;
  baseCheckpointId: string;
  familyId: string;
  deploymentId: string | null;
  revisionId: string | null;
  /** By which another partner's variant is used; none where it is left out. */
  listingId?: string | null;
  /** Now, unless said otherwise. */
  admittedAt?: Date;
};

export interface TokenCounts {
  inputTokens: number;
  /** Of the input tokens, never more than them: what the engine did not compute anew. */
  cachedInputTokens: number;
  outputTokens: number;
}

/** One admitted request. */
export interface UsageTicket {
  readonly id: string;
  /** Resolves when the request is on record durably: not before that may its first byte leave. Rejects with USAGE_INTAKE_UNAVAILABLE. */
  readonly admitted: Promise<void>;
  /**
   * What has been delivered by now; written within a second or so. Call it after the delivery, never before: the first
   * call with a token of the answer is the moment of its first token.
   */
  count(delivered: TokenCounts): void;
  /** The exact end. Only the first call counts; resolves when it is durable. */
  settle(exact: TokenCounts, reason: EndReason): Promise<void>;
}

/**
 * Records usage with as few commits as the load allows: what arrives while one commit is under way goes into the next.
 * Without PostgreSQL batches go to a journal on disk and from there to the database when it is back.
 */
export class UsageIntake {
  readonly recorderId = newId('rec');
  private store?: UsageStore;
  private admissions: Array<Deferred & { row: Admission }> = [];
  private readonly counts = new Map<string, Count>();
  private settlements: Array<Deferred & { row: Settlement }> = [];
  private readonly running = new Map<string, TokenCounts>();
  private readonly timers: NodeJS.Timeout[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private pumping = false;
  private pumped: Promise<void> = Promise.resolve();
  private reconnecting = false;
  private closed = false;

  constructor(private readonly options: UsageIntakeOptions) {}

  /** Whether all that was recorded so far is in PostgreSQL: nothing of it waits in the journal. */
  get isHandedOver(): boolean {
    return this.store !== undefined;
  }

  /** Hands over what earlier processes left behind. Starts without a database as well: then the journal holds. */
  async start(): Promise<void> {
    await this.reconnect();
    this.timers.push(
      setInterval(() => this.collectCounts(), this.options.countMilliseconds ?? COUNT_MILLISECONDS),
      setInterval(() => void this.heartbeat(), HEARTBEAT_MILLISECONDS),
      setInterval(() => void this.reconnect(), RECONNECT_MILLISECONDS),
    );
    for (const timer of this.timers) timer.unref();
  }

  /** Writes everything that is known. Requests still under way stay admitted, and are ended as `cut` by the reconciler. */
  async close(): Promise<void> {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    this.collectCounts();
    while (this.pumping) await this.pumped;
    this.closed = true;
    await this.inTurn(async () => {
      if (this.running.size === 0) await this.store?.forgetRecorder(this.recorderId).catch(() => undefined);
      await this.store?.close().catch(() => undefined);
      this.store = undefined;
      await this.options.journal.close();
    });
  }

  admit(request: UsageRequest): UsageTicket {
    const id = newId('use');
    const admission = defer({ row: this.rowOf(id, request) });
    if (this.closed) admission.reject(USAGE_ERRORS.USAGE_INTAKE_UNAVAILABLE());
    else this.admissions.push(admission);
    this.pump();
    const admitted = admission.promise;
    // Whoever relays the request looks at it; here it only must not count as unhandled.
    admitted.catch(() => undefined);
    let firstTokenAt: string | null = null;
    let end: Promise<void> | undefined;
    return {
      id,
      admitted,
      count: (delivered) => {
        if (end) return;
        if (delivered.outputTokens > 0) firstTokenAt ??= this.options.clock.now().toISOString();
        this.running.set(id, delivered);
      },
      settle: (exact, reason) => {
        end ??= this.settle(admitted, { id, ...rowOfCounts(exact), end_reason: reason, first_token_at: firstTokenAt });
        return end;
      },
    };
  }

  private rowOf(id: string, request: UsageRequest): Admission {
    return {
      id,
      organization_id: request.organizationId,
      project_id: request.projectId,
      source_id: request.requestId,
      model: request.model,
      checkpoint_id: request.checkpointId,
      base_checkpoint_id: request.baseCheckpointId,
      family_id: request.familyId,
      deployment_id: request.deploymentId,
      revision_id: request.revisionId,
      api_key_id: request.apiKeyId,
      listing_id: request.listingId ?? null,
      recorder_id: this.recorderId,
      admitted_at: (request.admittedAt ?? this.options.clock.now()).toISOString(),
    };
  }

  private async settle(admitted: Promise<void>, end: Omit<Settlement, 'ended_at'>): Promise<void> {
    const { id } = end;
    this.running.delete(id);
    const endedAt = this.options.clock.now().toISOString();
    try {
      await admitted;
    } catch {
      return; // It was never on record, so nothing of it left.
    }
    this.counts.delete(id);
    const settlement = defer({ row: { ...end, ended_at: endedAt } });
    this.settlements.push(settlement);
    this.pump();
    await settlement.promise;
  }

  private collectCounts(): void {
    if (this.running.size === 0) return;
    const countedAt = this.options.clock.now().toISOString();
    for (const [id, delivered] of this.running) {
      this.counts.set(id, { id, ...rowOfCounts(delivered), counted_at: countedAt });
    }
    this.running.clear();
    this.pump();
  }

  private pump(): void {
    if (this.pumping || this.closed) return;
    this.pumping = true;
    this.pumped = this.commitAll().finally(() => {
      this.pumping = false;
      if (this.hasPending) this.pump();
    });
  }

  private async commitAll(): Promise<void> {
    // One more tick of the loop gathers what arrives together.
    await new Promise(setImmediate);
    // A turn each, so that the heartbeat is not kept waiting by a load that never ends.
    while (this.hasPending) await this.inTurn(() => this.commitNext());
  }

  private get hasPending(): boolean {
    return this.admissions.length + this.counts.size + this.settlements.length > 0;
  }

  private async commitNext(): Promise<void> {
    const admissions = this.admissions.splice(0, LARGEST_BATCH);
    const settlements = this.settlements.splice(0, LARGEST_BATCH);
    const settled = new Set(settlements.map(({ row }) => row.id));
    const admitting = new Set(admissions.map(({ row }) => row.id));
    const counts = [...this.counts.values()]
      .filter(({ id }) => !settled.has(id) && !admitting.has(id))
      .slice(0, LARGEST_BATCH);
    for (const { id } of counts) this.counts.delete(id);
    for (const id of settled) this.counts.delete(id);
    const rows = <Row>(entries: Array<{ row: Row }>) => entries.map(({ row }) => row);
    try {
      const refused = await this.commit({ admissions: rows(admissions), counts, settlements: rows(settlements) });
      conclude(admissions, settlements, ({ id }) => refused.get(id));
    } catch (error) {
      this.options.logger.error({ err: error, admissions: admissions.length }, 'usage could be recorded nowhere');
      conclude(admissions, settlements, () => error as Error);
    }
  }

  /**
   * To PostgreSQL if it answers, else to the journal; there is a store only while nothing older waits in the journal.
   * Gives what PostgreSQL refused.
   */
  private async commit(batch: UsageBatch): Promise<ReadonlyMap<string, Error>> {
    if (this.store) {
      try {
        return await this.apply(this.store, batch);
      } catch (error) {
        this.disconnect(error as Error);
      }
    }
    // The database may have committed what we did not hear of: writing a batch again changes nothing.
    await this.options.journal.append(batch);
    return new Map();
  }

  private async reconnect(): Promise<void> {
    if (this.store || this.reconnecting || this.closed) return;
    this.reconnecting = true;
    try {
      const store = await this.options.connect();
      await this.inTurn(async () => {
        await this.handOver(store);
        this.store = store;
      }).catch(async (error) => {
        await store.close().catch(() => undefined);
        throw error;
      });
    } catch (error) {
      this.options.logger.warn({ err: error }, 'usage goes to the journal: PostgreSQL does not answer');
    } finally {
      this.reconnecting = false;
    }
  }

  private async handOver(store: UsageStore): Promise<void> {
    await store.heartbeat(this.recorderId, this.options.clock.now());
    for (const path of await this.options.journal.leftBehind()) {
      const batches = await readBatches(path).catch(async (error: unknown) => {
        this.options.logger.error({ err: error, path }, 'a usage journal is damaged and was set aside');
        await setAside(path);
        return null;
      });
      if (!batches) continue;
      for (const batch of batches) await this.apply(store, batch);
      await rm(path);
      this.options.logger.info(
        { path, batches: batches.length },
        'recorded the usage that an earlier process left behind',
      );
    }
    await this.options.journal.drain(async (batch) => void (await this.apply(store, batch)));
  }

  private async apply(store: UsageStore, batch: UsageBatch): Promise<ReadonlyMap<string, Error>> {
    const refused = await writeWhatHolds(store, batch);
    for (const [eventId, error] of refused) {
      const row = [...batch.admissions, ...batch.counts, ...batch.settlements].find(({ id }) => id === eventId);
      this.options.logger.error({ err: error, row }, 'PostgreSQL refuses a row of usage; it is lost but for this line');
    }
    return refused;
  }

  /** Says that this process lives, so that its running requests are not ended by the reconciler. */
  heartbeat(): Promise<void> {
    return this.inTurn(async () => {
      try {
        await this.store?.heartbeat(this.recorderId, this.options.clock.now());
      } catch (error) {
        this.disconnect(error as Error);
      }
    });
  }

  private disconnect(error: Error): void {
    this.options.logger.warn({ err: error }, 'lost the connection that records usage');
    this.store?.close().catch(() => undefined);
    this.store = undefined;
  }

  /** One thing at a time on the connection and the journal. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(work);
    this.turn = next.catch(() => undefined);
    return next;
  }
}

function rowOfCounts({
  inputTokens,
  cachedInputTokens,
  outputTokens,
}: TokenCounts): Pick<Count, 'input_tokens' | 'cached_input_tokens' | 'output_tokens'> {
  return { input_tokens: inputTokens, cached_input_tokens: cachedInputTokens, output_tokens: outputTokens };
}

/** Tells whoever waits for a row that it is on record, or why it is not. */
function conclude(
  admissions: ReadonlyArray<Deferred & { row: Admission }>,
  settlements: ReadonlyArray<Deferred & { row: Settlement }>,
  errorOf: (row: { id: string }) => Error | undefined,
): void {
  for (const { row, resolve, reject } of admissions) {
    const cause = errorOf(row);
    if (cause) reject(USAGE_ERRORS.USAGE_INTAKE_UNAVAILABLE({ cause }));
    else resolve();
  }
  for (const { row, resolve, reject } of settlements) {
    const error = errorOf(row);
    // The request is on record already: its end is only late, and the reconciler bills the last count otherwise.
    if (error) reject(error);
    else resolve();
  }
}

interface Deferred {
  promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function defer<T extends object>(rest: T): T & Deferred {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { ...rest, promise, resolve, reject };
}
