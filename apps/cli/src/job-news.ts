import { setTimeout as sleep } from 'node:timers/promises';
import { type GraphqlClient, RefusedError, UnreachableError } from '#libs/client';
import {
  JOB_NEWS,
  JOB_UPDATES,
  type Job,
  type JobEvent,
  type JobStatus,
  type MetricPoint,
} from './documents/fine-tuning.js';

export interface JobNews {
  job: Job;
  events: JobEvent[];
  metrics: MetricPoint[];
}

export interface NewsOptions {
  /** How often to ask while nothing tells that there is something new. */
  everyMilliseconds?: number;
  /** How long the platform may be away before it is given up. */
  patienceSeconds?: number;
  /** Told with each try in vain why, and with null when the platform is back. */
  onAway?: (reason: string | null) => void;
}

const OVER: ReadonlySet<JobStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
/** As many as one question may cost. */
const LARGEST_SLICE = 300;
const SUBSCRIBE_AGAIN_MILLISECONDS = 5_000;

/**
 * What is new about a job, until it is over. A subscription says at once that there is something; what it is, is asked for by
 * number, so that each event and metric comes once and in order however often the line breaks.
 */
export async function* jobNews(client: GraphqlClient, id: string, options: NewsOptions = {}): AsyncGenerator<JobNews> {
  const { everyMilliseconds = 1_000, patienceSeconds = 600, onAway = () => {} } = options;
  const bell = new Bell();
  const listening = new AbortController();
  let after = 0;
  let awaySince: number | null = null;
  try {
    for (;;) {
      const answer = await client.run(JOB_NEWS, { id, after, most: LARGEST_SLICE }).catch((error: unknown) => {
        if (!(error instanceof UnreachableError)) throw error;
        awaySince ??= performance.now();
        if (performance.now() - awaySince > patienceSeconds * 1000) throw error;
        return error;
      });
      if (answer instanceof UnreachableError) {
        onAway(answer.message);
        await sleep(everyMilliseconds);
        continue;
      }
      if (awaySince !== null) onAway(null);
      awaySince = null;
      if (!answer.node?.status) throw jobNotFound(id);
      const { events, metrics, ...job } = answer.node;
      const slice = evenSlice(events, metrics);
      after = Math.max(after, slice.upTo);
      yield { job, events: slice.events, metrics: slice.metrics };
      if (!slice.isCut && OVER.has(job.status)) return;
      if (slice.isCut) continue;
      bell.ringAtUpdates(client, { id, after }, listening.signal);
      await bell.wait(everyMilliseconds);
    }
  } finally {
    listening.abort();
  }
}

export function jobNotFound(id: string): RefusedError {
  return new RefusedError('JOB_NOT_FOUND', `There is no fine-tune job ${id} that you may see: see forkpoint jobs.`);
}

/** Events and metrics share their numbers: where one list was cut off, the other is told no further. */
function evenSlice(events: JobEvent[], metrics: MetricPoint[]) {
  const ends = [events, metrics].flatMap((list) => (list.length === LARGEST_SLICE ? list.at(-1)!.sequence : []));
  const end = Math.min(...ends);
  const upToEnd = <T extends { sequence: number }>(list: T[]) => list.filter(({ sequence }) => sequence <= end);
  const [shownEvents, shownMetrics] = [upToEnd(events), upToEnd(metrics)];
  const upTo = Math.max(0, ...[...shownEvents, ...shownMetrics].map(({ sequence }) => sequence));
  return { events: shownEvents, metrics: shownMetrics, upTo, isCut: ends.length > 0 };
}

/** Ends a wait early when the platform says that there is something new. */
class Bell {
  private ring: (() => void) | null = null;
  private hasRung = false;
  private isListening = false;

  async wait(milliseconds: number): Promise<void> {
    if (!this.hasRung) {
      const cancelled = new AbortController();
      const rung = new Promise<void>((resolve) => {
        this.ring = resolve;
      });
      await Promise.race([rung, sleep(milliseconds, undefined, { signal: cancelled.signal }).catch(() => {})]);
      cancelled.abort();
    }
    this.ring = null;
    this.hasRung = false;
  }

  /** Subscribes unless it has. Without a subscription nothing is missed: it is only asked a little later. */
  ringAtUpdates(client: GraphqlClient, { id, after }: { id: string; after: number }, signal: AbortSignal): void {
    if (this.isListening) return;
    this.isListening = true;
    const listen = async () => {
      const updates = client.subscribe<unknown>(JOB_UPDATES.document, { fineTuneJobId: id, after });
      for await (const _ of updates) {
        if (signal.aborted) return;
        this.hasRung = true;
        this.ring?.();
      }
    };
    void listen()
      .catch(() => {})
      .then(() => sleep(SUBSCRIBE_AGAIN_MILLISECONDS, undefined, { signal, ref: false }).catch(() => {}))
      .then(() => {
        this.isListening = signal.aborted;
      });
  }
}
