import { DAY_MILLISECONDS } from '#libs/kernel';
import { inScope, type Transaction } from '#platform/database';
import { USAGE_ERRORS } from './usage.errors.js';

const LONGEST_RANGE_DAYS = 31;
/** A minute to six hours, each part of a day: the smallest that gives no more buckets than a chart shows. */
const BUCKET_SECONDS = [60, 300, 900, 3_600, 21_600] as const;
const MOST_BUCKETS = 300;

export interface StatisticsRange {
  /** Inclusive, by the time of admission. */
  from: Date;
  /** Exclusive. */
  to: Date;
}

/** Seconds that a share of the calls stayed within; null where there was no such call. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** What calls came to, together. */
export interface TrafficFigures {
  requests: number;
  /** Not ended yet. */
  running: number;
  completed: number;
  refused: number;
  clientDisconnected: number;
  engineFailed: number;
  recorderLost: number;
  inputTokens: bigint;
  /** Of the input tokens. */
  cachedInputTokens: bigint;
  outputTokens: bigint;
  /** Of completed calls, from admission to end. */
  latencySeconds: Percentiles;
  /** Of streamed calls, from admission to the first token that was delivered. */
  firstTokenSeconds: Percentiles;
  /** Of completed calls: their output tokens by their seconds. */
  outputTokensPerSecond: number | null;
}

export interface DeploymentStatistics extends StatisticsRange {
  bucketSeconds: number;
  total: TrafficFigures;
  /** All of the range, in order, those without calls too. */
  buckets: Array<{ from: Date; traffic: TrafficFigures }>;
  /** Those that were called, in the order they were made. */
  revisions: Array<{ revisionId: string; traffic: TrafficFigures }>;
}

/** By deployment, in their order: exact figures over the usage events of its calls. */
export async function readDeploymentStatistics(
  tx: Transaction,
  deploymentIds: readonly string[],
  range: StatisticsRange,
): Promise<DeploymentStatistics[]> {
  assertRange(range);
  const bucketSeconds = bucketSecondsOf(range);
  const rows = await readFigures(tx, deploymentIds, { ...range, bucketSeconds });
  const byDeployment = Map.groupBy(rows, (row) => row.deployment_id);
  return deploymentIds.map((id) => assemble(byDeployment.get(id) ?? [], { ...range, bucketSeconds }));
}

function assertRange({ from, to }: StatisticsRange): void {
  const days = (to.getTime() - from.getTime()) / DAY_MILLISECONDS;
  if (days > 0 && days <= LONGEST_RANGE_DAYS) return;
  throw USAGE_ERRORS.USAGE_RANGE_INVALID({ maximumDays: LONGEST_RANGE_DAYS }, { path: ['to'] });
}

function bucketSecondsOf({ from, to }: StatisticsRange): number {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  return BUCKET_SECONDS.find((size) => seconds / size <= MOST_BUCKETS) ?? BUCKET_SECONDS[BUCKET_SECONDS.length - 1]!;
}

interface FiguresRow {
  deployment_id: string;
  grouping: 'total' | 'bucket' | 'revision';
  bucket: Date | null;
  revision_id: string | null;
  requests: number;
  running: number;
  completed: number;
  refused: number;
  client_disconnected: number;
  engine_failed: number;
  recorder_lost: number;
  input_tokens: string;
  cached_input_tokens: string;
  output_tokens: string;
  latency: PercentileRow;
  first_token: PercentileRow;
  output_tokens_per_second: number | null;
}
type PercentileRow = [p50: number, p95: number, p99: number] | null;

const endedAs = (reason: string) => `count(*) FILTER (WHERE end_reason = '${reason}')::int AS ${reason}`;
const percentiles = (seconds: string, condition: string) =>
  `percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ${seconds}) FILTER (WHERE ${condition})`;

const FIGURES = `count(*)::int AS requests, count(*) FILTER (WHERE state = 'admitted')::int AS running, ${endedAs('completed')},
  ${endedAs('refused')}, ${endedAs('client_disconnected')}, ${endedAs('engine_failed')}, ${endedAs('recorder_lost')},
  sum(input_tokens) AS input_tokens, sum(cached_input_tokens) AS cached_input_tokens, sum(output_tokens) AS output_tokens,
  ${percentiles('seconds', `end_reason = 'completed'`)} AS latency,
  ${percentiles('first_token_seconds', 'first_token_seconds IS NOT NULL')} AS first_token,
  (sum(output_tokens) FILTER (WHERE end_reason = 'completed')
    / nullif(sum(seconds) FILTER (WHERE end_reason = 'completed'), 0))::float8 AS output_tokens_per_second`;

/** Of each deployment a row for all of it, one for each bucket and one for each revision that was called. */
function readFigures(
  tx: Transaction,
  deploymentIds: readonly string[],
  { from, to, bucketSeconds }: StatisticsRange & { bucketSeconds: number },
): Promise<FiguresRow[]> {
  return tx.query<FiguresRow>(
    `SELECT deployment_id, bucket, revision_id, ${FIGURES},
            CASE WHEN grouping(bucket) = 0 THEN 'bucket' WHEN grouping(revision_id) = 0 THEN 'revision' ELSE 'total' END AS grouping
     FROM (SELECT e.deployment_id, e.revision_id, e.state, e.end_reason, e.input_tokens, e.cached_input_tokens, e.output_tokens,
                  extract(epoch FROM e.ended_at - e.admitted_at)::float8 AS seconds,
                  extract(epoch FROM e.first_token_at - e.admitted_at)::float8 AS first_token_seconds,
                  date_bin(make_interval(secs => $4), e.admitted_at, 'epoch'::timestamptz) AS bucket
           FROM usage_events e
           WHERE e.deployment_id = ANY ($1) AND e.kind = 'inference' AND e.admitted_at >= $2 AND e.admitted_at < $3
             AND ${inScope('e')}) calls
     GROUP BY GROUPING SETS ((deployment_id), (deployment_id, bucket), (deployment_id, revision_id))
     ORDER BY revision_id`,
    [deploymentIds, from, to, bucketSeconds],
  );
}

function assemble(
  rows: readonly FiguresRow[],
  { from, to, bucketSeconds }: StatisticsRange & { bucketSeconds: number },
): DeploymentStatistics {
  const size = bucketSeconds * 1000;
  const inBuckets = new Map(rows.map((row) => [row.bucket?.getTime(), row]));
  const total = rows.find(({ grouping }) => grouping === 'total');
  const buckets: DeploymentStatistics['buckets'] = [];
  for (let start = Math.floor(from.getTime() / size) * size; start < to.getTime(); start += size) {
    buckets.push({ from: new Date(start), traffic: figuresOf(inBuckets.get(start)) });
  }
  const revisions = rows.flatMap((row) =>
    row.grouping === 'revision' && row.revision_id !== null
      ? [{ revisionId: row.revision_id, traffic: figuresOf(row) }]
      : [],
  );
  return { from, to, bucketSeconds, total: figuresOf(total), buckets, revisions };
}

function figuresOf(row: FiguresRow | undefined): TrafficFigures {
  return {
    requests: row?.requests ?? 0,
    running: row?.running ?? 0,
    completed: row?.completed ?? 0,
    refused: row?.refused ?? 0,
    clientDisconnected: row?.client_disconnected ?? 0,
    engineFailed: row?.engine_failed ?? 0,
    recorderLost: row?.recorder_lost ?? 0,
    inputTokens: BigInt(row?.input_tokens ?? 0),
    cachedInputTokens: BigInt(row?.cached_input_tokens ?? 0),
    outputTokens: BigInt(row?.output_tokens ?? 0),
    latencySeconds: percentilesOf(row?.latency),
    firstTokenSeconds: percentilesOf(row?.first_token),
    outputTokensPerSecond: row?.output_tokens_per_second ?? null,
  };
}

function percentilesOf(row: PercentileRow | undefined): Percentiles {
  const [p50, p95, p99] = row ?? [null, null, null];
  return { p50, p95, p99 };
}
