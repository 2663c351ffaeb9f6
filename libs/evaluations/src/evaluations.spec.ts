import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { ComputeService } from '#libs/compute';
import { RateService, SpendCapService } from '#libs/contracts';
import { ContractsGraphqlModule } from '#libs/contracts/graphql';
import { FileReceiver } from '#libs/datasets';
import { DatasetsGraphqlModule } from '#libs/datasets/graphql';
import { EvaluationsGraphqlModule } from '#libs/evaluations/graphql';
import { newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  stopNewWork,
  type TestCheckpoint,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { EvaluationsJobsModule } from './jobs/evaluations-jobs.module.js';
import { RunHandlers } from './jobs/run.handlers.js';
import { SuiteHandlers } from './jobs/suite.handlers.js';

const ROWS = [
  { messages: [{ role: 'user', content: 'one' }], expected: '1' },
  { prompt: 'two', expected: '2' },
];
const sha256Of = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

let database: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
let who: string;
let checkpoint: TestCheckpoint;

beforeAll(async () => {
  database = await testDatabase();
  lab = await testOrganization(database, 'lab');
  graphql = await TestGraphql.start(database, [
    EvaluationsGraphqlModule,
    EvaluationsJobsModule,
    DatasetsGraphqlModule,
    CatalogGraphqlModule,
    ContractsGraphqlModule,
  ]);
  const rates = graphql.get(RateService);
  await graphql.get(Database).transaction(lab.scope, async (tx) => {
    const line = {
      meter: 'evaluation_tokens',
      familyId: null,
      checkpointId: null,
      priceNanos: 7n,
      perUnits: 2n,
    } as const;
    await rates.publish(tx, { rateCardId: await rates.draft(tx, { name: 'prices', lines: [line] }) });
  });
});
afterAll(async () => {
  await graphql.stop();
  await database.drop();
});
beforeEach(async () => {
  partner = await testOrganization(database);
  who = graphql.caller(partner);
  const files = { 'config.json': Buffer.from('{}'), 'model.safetensors': Buffer.from('w') };
  checkpoint = await testCheckpoint(database, lab, { grantee: partner, files });
});

const SUITE = `suite { id status metric maxNewTokens rowCount sha256 problem { code message } rows { url }
  datasetVersion { id } split { part fraction seed } }`;
const RUN = `run { id status checkpointName computeJobId evaluationTokens cost { nanos display } startedAt endedAt
  suite { id name } checkpoint { id } progress { stage } failure { code message }
  score { metric examples score standardError meanLoss cut promptTokens outputTokens }
  results(first: 10) { nodes { example expected output score } } resultsFile { url } }`;

const createSuite = (input: object, caller = who) =>
  graphql.mutate(
    caller,
    'createEvaluationSuite',
    { projectId: partner.projectId, name: newId('req'), metric: 'EXACT_MATCH', ...input },
    SUITE,
  );

async function build(suiteId: string) {
  await graphql.get(SuiteHandlers).build({ payload: { suiteId } } as never, partner.scope);
  const query = `query($id: ID!) { node(id: $id) { ... on EvaluationSuite { ${SUITE.slice('suite { '.length, -1)} } } }`;
  return (await graphql.ask(who, query, { id: suiteId })).node;
}

async function readySuite(input: object = { rows: ROWS }) {
  const { suite, userErrors } = await createSuite(input);
  expect(userErrors).toEqual([]);
  return build(suite.id);
}

const run = (suiteId: string, change: object = {}, caller = who) =>
  graphql.mutate(caller, 'createEvaluationRun', { suiteId, checkpoint: checkpoint.name, ...change }, RUN);

async function reload(runId: string) {
  const query = `query($id: ID!) { node(id: $id) { ... on EvaluationRun { ${RUN.slice('run { '.length, -1)} } } }`;
  return (await graphql.ask(who, query, { id: runId })).node;
}

async function receive(content: string | Buffer): Promise<string> {
  const source = (async function* () {
    yield Buffer.from(content);
  })();
  const receiver = graphql.get(FileReceiver);
  const file = { projectId: partner.projectId, filename: 'held-out.jsonl' };
  const received = await receiver.receive(partner.scope, file, source);
  const version = await graphql
    .get(Database)
    .transaction(partner.scope, (tx) => receiver.accept(tx, received, { purpose: 'fine-tune' }));
  return version.id;
}

interface Measured {
  metric?: 'exact_match' | 'loss';
  scores: number[];
  outputs?: string[];
}

/** Stores what the trainer would have written, and tells the end as compute does. */
async function conclude(runId: string, { metric = 'exact_match', scores, outputs }: Measured): Promise<void> {
  const keyPrefix = `org/${partner.organizationId}/compute/${runId}/attempts/1/output/`;
  const results = scores.map((score, index) => ({
    index,
    prompt: `prompt ${index}`,
    expected: `${index}`,
    ...(metric === 'loss' ? {} : { output: outputs?.[index] ?? 'x' }),
    score,
    loss: metric === 'loss' ? score : 0.5,
    expected_tokens: 2,
    output_tokens: metric === 'loss' ? 0 : 3,
    cut: false,
  }));
  const summary = {
    schema_version: 1,
    type: 'evaluation',
    metric,
    n: scores.length,
    score: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    standard_error: 0.1,
    mean_loss: 0.5,
    prompt_tokens: 10,
    output_tokens: metric === 'loss' ? 0 : 3 * scores.length,
    cut: 0,
    seconds: 1.5,
  };
  const store = graphql.get(ObjectStore);
  const lines = results.map((result) => `${JSON.stringify(result)}\n`).join('');
  const files = [
    { path: 'results.jsonl', ...(await store.put(`${keyPrefix}results.jsonl`, lines)) },
    { path: 'summary.json', ...(await store.put(`${keyPrefix}summary.json`, JSON.stringify(summary))) },
  ];
  const manifest = { schema_version: 1, kind: 'evaluation', job_id: 'j', attempt: 1, files };
  const output = { attempt: 1, keyPrefix, folder: { prefix: 'output', manifest, manifest_sha256: sha256Of('m') } };
  await tell(runId, { outcome: 'succeeded', output });
}

const tell = (runId: string, end: object) =>
  graphql
    .get(RunHandlers)
    .ended({ payload: { ownerId: runId, kind: 'evaluate', computeJobId: 'j', ...end } } as never, partner.scope);

describe('a suite', () => {
  test('of given rows is built once, and equal rows have equal hashes', async () => {
    const [one, other] = [await readySuite(), await readySuite()];
    expect(one).toMatchObject({ status: 'READY', rowCount: 2, maxNewTokens: 64, datasetVersion: null, split: null });
    expect(other.sha256).toBe(one.sha256);
    const rows = await (await fetch(one.rows.url)).text();
    expect(sha256Of(rows)).toBe(one.sha256);
    expect(
      rows
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(ROWS);
    expect(await build(one.id)).toMatchObject({ sha256: one.sha256 });
  });

  test('of a dataset version takes a side of the split that preparation makes', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `{"prompt":"${index + 1}","completion":"c"}`);
    const versionId = await receive(gzipSync(lines.join('\n')));
    const split = { part: 'VALIDATION', fraction: 0.2, seed: 7 };
    const suite = await readySuite({ metric: 'LOSS', dataset: { versionId, split } });
    expect(suite).toMatchObject({ status: 'READY', rowCount: 6, datasetVersion: { id: versionId }, split });
    const rows = (await (await fetch(suite.rows.url)).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).prompt);
    expect(rows).toEqual(['2', '5', '12', '15', '16', '20']);
    expect(await readySuite({ dataset: { versionId, rowLimit: 3 } })).toMatchObject({ rowCount: 3 });
  });

  test('keeps its dataset version from being deleted while it is built, and no longer', async () => {
    const versionId = await receive('{"prompt":"a","completion":"b"}');
    const { suite } = await createSuite({ dataset: { versionId } });
    const remove = () => graphql.mutate(who, 'deleteDatasetVersion', { versionId }, 'datasetVersion { id }');
    expect((await remove()).userErrors).toMatchObject([{ code: 'FILE_IN_USE' }]);
    await build(suite.id);
    expect((await remove()).userErrors).toEqual([]);
  });

  test.each([
    ['{"prompt":"a","completion":"b"}\n\n{"prompt":"a"}', 'SUITE_ROW_INVALID', 'Row 3'],
    ['\n\n', 'SUITE_EMPTY', 'no rows'],
    [Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'SUITE_UNUSABLE', 'gzip'],
  ])('of unusable rows says why, and can’t be run', async (content, code, message) => {
    const suite = await readySuite({ dataset: { versionId: await receive(content) } });
    expect(suite).toMatchObject({ status: 'INVALID', rowCount: null, rows: null });
    expect(suite.problem).toEqual({ code, message: expect.stringContaining(message) });
    expect((await run(suite.id)).userErrors).toMatchObject([{ code: 'SUITE_UNUSABLE', path: ['suiteId'] }]);
  });

  test('is refused without rows, with two sources, of a taken name, or in a project of others', async () => {
    const refusal = async (input: object, caller = who) => (await createSuite(input, caller)).userErrors[0];
    expect(await refusal({})).toMatchObject({ code: 'SUITE_SOURCE_INVALID' });
    expect(await refusal({ rows: [] })).toMatchObject({ code: 'SUITE_EMPTY', path: ['rows'] });
    expect(await refusal({ rows: [{ expected: 'x' }] })).toMatchObject({ code: 'SUITE_ROW_INVALID' });
    expect(await refusal({ rows: [{ prompt: 'a\u0000', expected: 'x' }] })).toMatchObject({ path: ['rows', '0'] });
    const versionId = await receive('{}');
    expect(await refusal({ rows: ROWS, dataset: { versionId } })).toMatchObject({ code: 'SUITE_SOURCE_INVALID' });
    await createSuite({ rows: ROWS, name: 'taken' });
    expect(await refusal({ rows: ROWS, name: 'taken' })).toMatchObject({ code: 'SUITE_NAME_TAKEN', path: ['name'] });
    const stranger = graphql.caller(await testOrganization(database));
    expect(await refusal({ rows: ROWS }, stranger)).toMatchObject({ code: 'PROJECT_NOT_FOUND' });
    expect(await refusal({ rows: ROWS }, graphql.caller(partner, ['evaluations:read']))).toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('a run', () => {
  test('asks compute for the checkpoint, the suite and the metric', async () => {
    const suite = await readySuite();
    const { run: queued } = await run(suite.id);
    expect(queued).toMatchObject({
      status: 'QUEUED',
      checkpointName: checkpoint.name,
      checkpoint: { id: checkpoint.id },
      suite: { id: suite.id },
      score: null,
      cost: null,
      results: { nodes: [] },
    });
    const job = await graphql
      .get(Database)
      .read(partner.scope, (tx) => graphql.get(ComputeService).get(tx, queued.computeJobId));
    expect(job).toMatchObject({
      kind: 'evaluate',
      ownerId: queued.id,
      parameters: { metric: 'exact_match', max_new_tokens: 64, batch_size: 16 },
    });
    expect(job.inputs.map(({ name, files }) => [name, files.map((file) => file.path)])).toEqual([
      ['base', ['config.json', 'model.safetensors']],
      ['suite', ['rows.jsonl']],
    ]);
    expect(job.inputs[1]?.files[0]).toMatchObject({ sha256: suite.sha256 });
  });

  test('that succeeded keeps each example’s result and is billed once, at the price of its beginning', async () => {
    const { run: queued } = await run((await readySuite()).id);
    await graphql.get(RunHandlers).started({ payload: { ownerId: queued.id } } as never, partner.scope);
    expect(await reload(queued.id)).toMatchObject({ status: 'RUNNING', startedAt: expect.any(String) });
    const measured = { scores: [1, 0], outputs: ['0', 'a\u0000b'] };
    await Promise.all([conclude(queued.id, measured), conclude(queued.id, measured)]);
    const ended = await reload(queued.id);
    // 10 tokens of prompts and 6 of answers at 7 nanos for 2.
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      evaluationTokens: '16',
      cost: { nanos: '56' },
      score: { metric: 'EXACT_MATCH', examples: 2, score: 0.5, promptTokens: '10', outputTokens: '6' },
    });
    expect(ended.results.nodes).toEqual([
      { example: 0, expected: '0', output: '0', score: 1 },
      { example: 1, expected: '1', output: 'a\u2400b', score: 0 },
    ]);
    const file = await (await fetch(ended.resultsFile.url)).text();
    expect(JSON.parse(file.split('\n')[1]!).output).toBe('a\u0000b');
    const usage = await graphql
      .get(Database)
      .read(partner.scope, (tx) =>
        tx.query('SELECT kind, source_id, evaluation_tokens, model FROM usage_events WHERE project_id = $1', [
          partner.projectId,
        ]),
      );
    expect(usage).toEqual([
      { kind: 'evaluation', source_id: queued.id, evaluation_tokens: '16', model: checkpoint.name },
    ]);
    const wrong = `query($id: ID!) { node(id: $id) { ... on EvaluationRun { results(scoreAtMost: 0) { nodes { example } } } } }`;
    expect((await graphql.ask(who, wrong, { id: queued.id })).node.results.nodes).toEqual([{ example: 1 }]);
  });

  test('is counted by spend caps when it ends, and refused once one has nothing left', async () => {
    const { organizationId, projectId } = partner;
    const terms = {
      organizationId,
      projectId,
      apiKeyId: null,
      limitNanos: 56n,
      currency: 'USD',
      period: 'month',
    } as const;
    const cap = { ...terms, isHard: true, alertPercents: [100] };
    const spendCaps = graphql.get(SpendCapService);
    const capId = await graphql.get(Database).transaction(partner.scope, (tx) => spendCaps.set(tx, cap, null));
    const suite = await readySuite();
    const { run: queued } = await run(suite.id);
    await conclude(queued.id, { scores: [1, 0] });
    expect((await run(suite.id)).userErrors).toMatchObject([{ code: 'SPEND_CAP_EXCEEDED' }]);
    const query = `{ spendCaps { nodes { id limit { nanos } subjectId window { spent { nanos } held { nanos } left { nanos } alertedPercents } } }
      spendCapAlerts { nodes { percent spent { nanos } cap { id } } } }`;
    const amount = (nanos: string) => ({ nanos });
    const window = { spent: amount('56'), held: amount('0'), left: amount('0'), alertedPercents: [100] };
    expect(await graphql.ask(who, query)).toEqual({
      spendCaps: { nodes: [{ id: capId, limit: amount('56'), subjectId: projectId, window }] },
      spendCapAlerts: { nodes: [{ percent: 100, spent: amount('56'), cap: { id: capId } }] },
    });
  });

  test('of the loss counts the expected tokens', async () => {
    const { run: queued } = await run((await readySuite({ rows: ROWS, metric: 'LOSS' })).id);
    await conclude(queued.id, { metric: 'loss', scores: [0.5, 1.5] });
    expect(await reload(queued.id)).toMatchObject({ evaluationTokens: '14', score: { metric: 'LOSS', score: 1 } });
  });

  test('that failed or was cancelled says so and costs nothing', async () => {
    const suite = await readySuite();
    const { run: failing } = await run(suite.id);
    await tell(failing.id, { outcome: 'failed', error: { code: 'internal_error', message: 'It broke.', fix: '' } });
    const failed = { status: 'FAILED', failure: { code: 'internal_error', message: 'It broke.' }, cost: null };
    expect(await reload(failing.id)).toMatchObject(failed);
    const { run: queued } = await run(suite.id);
    const input = { runId: queued.id };
    const cancel = () => graphql.mutate(who, 'cancelEvaluationRun', input, 'run { status }');
    expect(await cancel()).toEqual({ run: { status: 'CANCELLED' }, userErrors: [] });
    expect((await cancel()).userErrors).toMatchObject([{ code: 'INVALID_TRANSITION' }]);
    await tell(queued.id, { outcome: 'cancelled' });
    expect(await reload(queued.id)).toMatchObject({ status: 'CANCELLED', evaluationTokens: null });
  });

  test('is refused on a suite that is not ready, a checkpoint that is not entitled, and to strangers', async () => {
    const { suite } = await createSuite({ rows: ROWS });
    expect((await run(suite.id)).userErrors).toMatchObject([{ code: 'SUITE_NOT_READY' }]);
    await build(suite.id);
    const hidden = await testCheckpoint(database, lab);
    const other = await run(suite.id, { checkpoint: hidden.name });
    expect(other.userErrors).toMatchObject([{ code: 'CHECKPOINT_NOT_FOUND' }]);
    const stranger = graphql.caller(await testOrganization(database));
    expect((await run(suite.id, {}, stranger)).userErrors).toMatchObject([{ code: 'SUITE_NOT_FOUND' }]);
    const { run: queued } = await run(suite.id);
    const ids = [suite.id, queued.id];
    const outsiders = [
      stranger,
      graphql.caller(lab),
      graphql.caller(partner, undefined, []),
      graphql.caller(partner, ['jobs:read']),
    ];
    for (const outsider of outsiders) {
      const { nodes } = await graphql.ask(outsider, 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
      expect(nodes).toEqual([null, null]);
    }
    const { evaluationRuns, evaluationSuites } = await graphql.ask(
      stranger,
      '{ evaluationRuns { nodes { id } } evaluationSuites { nodes { id runs { nodes { id } } } } }',
    );
    expect([evaluationRuns.nodes, evaluationSuites.nodes]).toEqual([[], []]);
  });
});

test('a run is refused while new work is stopped', async () => {
  const { id } = await readySuite();
  const lift = await stopNewWork(graphql, partner);
  expect((await run(id)).userErrors).toMatchObject([{ code: 'SERVICE_STOPPED' }]);
  await lift();
  expect((await run(id)).userErrors).toEqual([]);
});

describe('a comparison', () => {
  const COMPARE = `query($baseline: ID!, $candidate: ID!, $outcome: PairedOutcome) {
    compareEvaluationRuns(baselineId: $baseline, candidateId: $candidate) { examples wins losses ties meanDifference standardError signTestP
      baseline { id } candidate { id } pairs(outcome: $outcome) { nodes { example outcome baselineScore candidateScore candidateOutput } } } }`;
  const compare = async (baseline: string, candidate: string, outcome: string | null = null) =>
    (await graphql.ask(who, COMPARE, { baseline, candidate, outcome })).compareEvaluationRuns;

  async function measured(suiteId: string, result: Measured): Promise<string> {
    const { run: queued } = await run(suiteId);
    await conclude(queued.id, result);
    return queued.id;
  }

  test('pairs the examples; the other way round it is its mirror', async () => {
    const { id } = await readySuite();
    const before = await measured(id, { scores: [0, 0, 1, 0] });
    const after = await measured(id, { scores: [1, 1, 0, 0] });
    const forward = await compare(before, after);
    expect(forward).toMatchObject({ examples: 4, wins: 2, losses: 1, ties: 1, meanDifference: 0.25, signTestP: 1 });
    // Differences 1, 1, -1, 0: their sample deviation over the root of their number.
    expect(forward.standardError).toBeCloseTo(Math.sqrt(2.75 / 3) / 2, 12);
    expect(forward.pairs.nodes.map((pair: { outcome: string }) => pair.outcome)).toEqual(['WIN', 'WIN', 'LOSS', 'TIE']);
    const backward = await compare(after, before);
    expect(backward).toMatchObject({ wins: 1, losses: 2, ties: 1, meanDifference: -0.25, signTestP: 1 });
    expect((await compare(before, after, 'LOSS')).pairs.nodes).toMatchObject([{ example: 2, candidateScore: 0 }]);
  });

  test('knows that a lower loss is better', async () => {
    const { id } = await readySuite({ rows: ROWS, metric: 'LOSS' });
    const before = await measured(id, { metric: 'loss', scores: [2, 3] });
    const after = await measured(id, { metric: 'loss', scores: [1, 4] });
    expect(await compare(before, after)).toMatchObject({ wins: 1, losses: 1, meanDifference: 0 });
    expect((await compare(before, after, 'WIN')).pairs.nodes).toMatchObject([{ example: 0, candidateOutput: null }]);
  });

  test('is refused between suites, and before both have ended', async () => {
    const [one, other] = [await readySuite(), await readySuite()];
    const ended = await measured(one.id, { scores: [1, 1] });
    const { run: queued } = await run(one.id);
    await expect(compare(ended, queued.id)).rejects.toThrow('EVALUATION_RUNS_NOT_COMPARABLE');
    const elsewhere = await measured(other.id, { scores: [1, 1] });
    await expect(compare(ended, elsewhere)).rejects.toThrow('EVALUATION_RUNS_NOT_COMPARABLE');
  });
});
