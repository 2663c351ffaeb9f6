import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { trainSubmission } from './compute.fixture.js';
import { lockJob } from './compute.repository.js';
import { ComputeService, type ComputeSubmission } from './compute.service.js';
import { type ComputeCurve, type CurveRange, readCurves, readSeries } from './curves.js';
import { appendHistory } from './journal.js';

type Point = [step: number, value: number];

describe('curves to draw', () => {
  let testing: TestDatabase;
  let database: Database;
  let own: TestOrganization;
  const service = new ComputeService(systemClock);

  beforeAll(async () => {
    testing = await testDatabase();
    database = await new Database({ appUrl: testing.urls.app }).connect();
    own = await testOrganization(testing);
  });
  afterAll(async () => {
    await database.close();
    await testing.drop();
  });

  const as = <T>(work: (tx: Transaction) => Promise<T>, { scope }: TestOrganization = own) =>
    database.transaction(scope, work);
  const newJob = ({ projectId }: TestOrganization = own) =>
    as((tx) => service.submit(tx, { ...trainSubmission({}), projectId } as ComputeSubmission));
  const write = (jobId: string, points: readonly Point[], name = 'train_loss') =>
    as(async (tx) => {
      await lockJob(tx, jobId);
      const metrics = points.map(([step, value]) => ({ name, step, value }));
      await appendHistory(tx, jobId, systemClock.now(), { metrics, attempt: 1 });
    });
  const curvesOf = (jobIds: readonly string[], range: CurveRange, who?: TestOrganization) =>
    as((tx) => readCurves(tx, jobIds, range), who);
  const curveOf = async (jobId: string, range: CurveRange): Promise<ComputeCurve | undefined> =>
    (await curvesOf([jobId], { names: ['train_loss'], ...range }))[0]?.curves[0];

  const pointsOf = ({ steps, values }: ComputeCurve): Point[] => steps.map((step, at) => [step, values[at]!]);
  const line = (count: number, value: (step: number) => number = (step) => 1 / step): Point[] =>
    Array.from({ length: count }, (_, at) => [at + 1, value(at + 1)]);

  it('are whole where there are no more points than buckets', async () => {
    const id = await newJob();
    // Far apart and close together: 100 points in a range of a million steps.
    const points = [...line(90), ...line(10).map(([step, value]): Point => [step * 100_000, value])];
    await write(id, points);
    expect(pointsOf((await curveOf(id, { buckets: 100 }))!)).toEqual(points);
    expect(pointsOf((await curveOf(id, { buckets: 2, fromStep: 7, toStep: 8 }))!)).toEqual(points.slice(6, 8));
    expect(await curveOf(id, { buckets: 100, fromStep: 91, toStep: 99_999 })).toBeUndefined();
  });

  it('keep every outlier of a long run, and its ends', async () => {
    const id = await newJob();
    const outliers = new Map([
      [1_234, 99],
      [1_235, -99],
      [2_999, 7],
    ]);
    await write(
      id,
      line(3_000, (step) => outliers.get(step) ?? 1 / step),
    );
    for (const buckets of [1, 3, 20, 100, 700]) {
      const curve = (await curveOf(id, { buckets }))!;
      expect(curve.pointCount).toBe(3_000);
      expect(curve.steps.length).toBeLessThanOrEqual(4 * (buckets + 2));
      expect([curve.steps[0], curve.steps.at(-1)]).toEqual([1, 3_000]);
      const drawn = new Map(pointsOf(curve));
      expect([drawn.get(1_234), drawn.get(1_235)]).toEqual([99, -99]);
      if (buckets > 1) expect(drawn.get(2_999)).toBe(7);
    }
  });

  it('are those that a plain reading of all points finds, whatever the range and the stretches', async () => {
    const id = await newJob();
    const steps = fc.uniqueArray(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 600 });
    const [chosen] = fc.sample(steps, { seed: 7, numRuns: 1 });
    const points = chosen!.map((step, at): Point => [step, ((at * 7919) % 41) - 20]);
    // In pieces and out of order, so that spans are drawn more than once.
    for (let at = 0; at < points.length; at += 97) await write(id, points.slice(at, at + 97));
    const sorted = points.toSorted(([a], [b]) => a - b);
    const ranges = fc.record({
      fromStep: fc.integer({ min: 0, max: 4_000 }),
      length: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 4_000 })),
      buckets: fc.integer({ min: 1, max: 60 }),
    });
    for (const { fromStep, length, buckets } of fc.sample(ranges, { seed: 1, numRuns: 150 })) {
      const toStep = fromStep + length;
      const inRange = sorted.filter(([step]) => step >= fromStep && step <= toStep);
      const curve = await curveOf(id, { fromStep, toStep, buckets });
      expect(curve?.pointCount ?? 0).toBe(inRange.length);
      expect(curve ? pointsOf(curve) : []).toEqual(sample(inRange, buckets));
    }
  });

  it('follow steps that are run again', async () => {
    const id = await newJob();
    await write(
      id,
      line(500, (step) => (step === 300 ? 50 : 1)),
    );
    await write(
      id,
      line(200, () => 2).map(([step, value]): Point => [step + 200, value]),
    );
    const curve = (await curveOf(id, { buckets: 4 }))!;
    expect(Math.max(...curve.values)).toBe(2);
    expect(curve.pointCount).toBe(500);
    expect((await curvesOf([id], { buckets: 4 }))[0]!.sequence).toBe(701);
  });

  it('are read for many jobs in one statement, and as rows where those are wanted', async () => {
    const ids = [await newJob(), await newJob(), await newJob()];
    await write(ids[0]!, line(100));
    await write(
      ids[2]!,
      line(300, (step) => step),
      'tokens',
    );
    const curves = await curvesOf(ids, { buckets: 10 });
    expect(curves.map((of) => of!.curves.map(({ name }) => name))).toEqual([['train_loss'], [], ['tokens']]);
    expect(curves.map((of) => of!.sequence)).toEqual([101, 1, 301]);
    const rows = await as((tx) => readSeries(tx, ids, { buckets: 10, names: ['tokens'] }));
    expect(rows.map(({ step, value }) => [step, value])).toEqual(pointsOf(curves[2]!.curves[0]!));
    expect(rows[0]).toMatchObject({ compute_job_id: ids[2], name: 'tokens', attempt: 1, sequence: 2 });
    expect(await as((tx) => readSeries(tx, ids, { toStep: 4 }))).toHaveLength(8);
  });

  it('are not shown to others, nor the spans they are drawn from', async () => {
    const id = await newJob();
    await write(id, line(200));
    const other = await testOrganization(testing);
    expect(await curvesOf([id], { buckets: 4 }, other)).toEqual([null]);
    const counts = 'SELECT count(*)::int AS count FROM compute_metric_spans WHERE compute_job_id = $1';
    expect(await as((tx) => tx.query(counts, [id]), other)).toEqual([{ count: 0 }]);
    expect(await as((tx) => tx.query(counts, [id]))).toEqual([{ count: 26 + 4 }]);
  });

  it.each([{ fromStep: -1 }, { fromStep: 2, toStep: 1 }, { buckets: 0 }, { buckets: 2_001 }])(
    'are refused for %j',
    async (range) => {
      await expect(curvesOf([], range)).rejects.toMatchObject({ code: 'CURVE_RANGE' });
    },
  );

  it('are read by index alone, whatever else the table holds', async () => {
    const id = await newJob();
    await write(id, line(1_000));
    const plan = await as(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off');
      const query = { sql: '', parameters: [] as readonly unknown[] };
      const spy = {
        query: async (sql: string, parameters: readonly unknown[]) => Object.assign(query, { sql, parameters }) && [],
      };
      await readCurves(spy as unknown as Transaction, [id], { names: ['train_loss'], buckets: 10 });
      const rows = await tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${query.sql}`, query.parameters);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toMatch(
      /width = curve\.span_width\) AND \(start >= curve\.spans_from\) AND \(start < curve\.spans_to\)/,
    );
    expect(plan).toMatch(/step >= curve\.spans_to\) AND \(step <= curve\.last\)/);
    expect(plan).not.toContain('Seq Scan on compute_metric');
  });
});

/** What the statement is to find, as plainly as can be said: of each stretch the first, last, lowest and highest point. */
function sample(points: readonly Point[], buckets: number): Point[] {
  if (points.length <= buckets) return [...points];
  const width = Math.floor((points.at(-1)![0] - points[0]![0]) / buckets) + 1;
  const span = width < 8 ? 1 : width < 64 ? 8 : 64;
  const stretch = Math.ceil(width / span) * span;
  const stretches = Map.groupBy(points, ([step]) => Math.floor(step / stretch));
  const kept = [...stretches.values()].flatMap((inIt) => {
    const lowest = inIt.reduce((low, point) => (point[1] < low[1] ? point : low));
    const highest = inIt.reduce((high, point) => (point[1] > high[1] ? point : high));
    return [inIt[0]!, inIt.at(-1)!, lowest, highest];
  });
  return [...new Map(kept)].toSorted(([a], [b]) => a - b);
}
