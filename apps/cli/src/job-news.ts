import { setTimeout as sleep } from 'node:timers/promises';
import { type GraphqlClient, RefusedError, UnreachableError } from '#libs/client';
import { JOB_NEWS, type Job, type JobEvent, type JobStatus, type MetricPoint } from './documents/fine-tuning.js';

export interface JobNews {
  job: Job;
  events: JobEvent[];
  metrics: MetricPoint[];
  /** Nothing follows. */
  isOver: boolean;
}

export interface NewsOptions {
  everyMilliseconds?: number;
  /** How long the platform may be away before it is given up. */
  patienceSeconds?: number;
  /** Told once when the platform is away, with why, and once when it is back, with null. */
  onAway?: (reason: string | null) => void;
}

const OVER: ReadonlySet<JobStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
/** As many as one question may cost. */
const LARGEST_SLICE = 400;

/**
 * What is new about a job, until it is over. Events and metrics are asked for by number, so that each comes once and in order
 * however often the line breaks.
 */
export async function* jobNews(client: GraphqlClient, id: string, options: NewsOptions = {}): AsyncGenerator<JobNews> {
  const { everyMilliseconds = 1_000, patienceSeconds = 600, onAway = () => {} } = options;
  let [afterEvent, afterMetric] = [0, 0];
  let awaySince: number | null = null;
  for (;;) {
    const variables = { id, afterEvent, afterMetric, most: LARGEST_SLICE };
    const answer = await client.run(JOB_NEWS, variables).catch((error: unknown) => {
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
    afterEvent = events.at(-1)?.sequence ?? afterEvent;
    afterMetric = metrics.at(-1)?.sequence ?? afterMetric;
    const isWhole = events.length < LARGEST_SLICE && metrics.length < LARGEST_SLICE;
    const isOver = isWhole && OVER.has(job.status);
    yield { job, events, metrics, isOver };
    if (isOver) return;
    if (isWhole) await sleep(everyMilliseconds);
  }
}

export function jobNotFound(id: string): RefusedError {
  return new RefusedError('JOB_NOT_FOUND', `There is no fine-tune job ${id} that you may see: see forkpoint jobs.`);
}
