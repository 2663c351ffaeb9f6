import { basename } from 'node:path';
import { pollUntil, RefusedError } from '#libs/client';
import { type Commands, decimal, integer } from '../commands.js';
import type { Context } from '../context.js';
import {
  CANCEL_RUN,
  CREATE_RUN,
  CREATE_SUITE,
  RUNS,
  type Run,
  SHOW_RUN,
  SHOW_SUITE,
  SUITES,
  type Suite,
} from '../documents/evaluations.js';
import { collect } from '../documents/shared.js';
import { UsageError } from '../failure.js';
import { formatConstant, formatInteger, toConstant } from '../output/format.js';
import { bar } from '../output/progress-bar.js';
import { table } from '../output/table.js';
import { readSuiteRows } from '../suite-rows.js';
import { presentRuns } from './evaluation-runs.js';
import { findCheckpoint } from './models.js';

interface CreateOptions {
  rows?: string;
  file?: string;
  rowLimit?: number;
  part?: string;
  fraction?: number;
  seed?: number;
  metric: string;
  maxNewTokens?: number;
  description?: string;
}

const ENDED_WITHIN_SECONDS = 24 * 3_600;
const ASK_AGAIN_MILLISECONDS = 1_000;

export function addEvaluateCommands(group: Commands): void {
  group
    .read<{ limit: number }>('suites', 'List evaluation suites', listSuites, limited)
    .act<CreateOptions>(
      'create [name]',
      'Make a suite from JSONL rows with expected answers, or from a file you uploaded',
      createSuite,
      (command) =>
        command
          .option('--rows <path>', 'JSONL with prompt or messages, and expected; up to 1,000 rows')
          .option('--file <file id>', 'rows of a file you uploaded; up to 10,000')
          .option('--row-limit <count>', 'only its first rows', integer(1, 10_000))
          .option('--part <part>', 'only one side of its split: train or validation')
          .option('--fraction <share>', 'of the split, as in validate --validation-fraction', decimal)
          .option('--seed <number>', 'of the split', integer(0))
          .option('--metric <metric>', 'exact-match, contains or loss', 'exact-match')
          .option('--max-new-tokens <count>', 'longest answer', integer(1, 4_096))
          .option('--description <text>', 'for people'),
    )
    .act<{ wait: boolean }>(
      'run <suite> <checkpoints...>',
      'Run a suite on one or more checkpoints, and wait for the scores',
      startRuns,
      (command) => command.option('--no-wait', 'only start them'),
    )
    .read<{ checkpoint?: string; limit: number }>('runs', 'List runs, newest first', listRuns, (command) =>
      limited(command).option('--checkpoint <checkpoint>', 'only on this one'),
    )
    .act('cancel <run>', 'Give up a run', cancelRun);
}

const limited: NonNullable<Parameters<Commands['read']>[3]> = (command) =>
  command.option('--limit <count>', 'at most so many', integer(1, 10_000), 20);

async function listSuites(context: Context, { limit }: { limit: number }): Promise<void> {
  const suites = await findSuites(context, limit, await context.namedProjectId());
  context.out.result(suites, () => {
    if (suites.length === 0) return 'No suites. Make one: forkpoint evaluate create <name> --rows <path>';
    return table(
      suites,
      [
        { title: 'NAME', value: ({ name }) => name },
        { title: 'METRIC', value: ({ metric }) => formatConstant(metric) },
        { title: 'ROWS', value: ({ rowCount }) => formatInteger(rowCount), align: 'right' },
        { title: 'STATUS', value: ({ status }) => formatConstant(status) },
        { title: 'ID', value: ({ id }) => id },
        { title: 'DESCRIPTION', value: ({ description }) => description },
      ],
      context.out.style,
    );
  });
}

async function createSuite(context: Context, options: CreateOptions, given?: string): Promise<void> {
  const { out, client } = context;
  const { rows: path, file, part, fraction, seed, metric, maxNewTokens, description } = options;
  if ((path === undefined) === (file === undefined)) throw new UsageError('give one of --rows and --file');
  if ((part === undefined) !== (fraction === undefined)) throw new UsageError('--part and --fraction go together');
  const name = given ?? (path && basename(path).replace(/\.jsonl?$/, ''));
  if (!name) throw new UsageError('give the suite a name');
  const split = part === undefined ? undefined : { part: toConstant(part), fraction: fraction!, seed };
  const { suite } = await context.act(CREATE_SUITE, {
    projectId: await context.projectId(),
    name,
    description,
    metric: toConstant(metric),
    maxNewTokens,
    rows: path === undefined ? undefined : await readSuiteRows(path),
    dataset: file === undefined ? undefined : { versionId: file, rowLimit: options.rowLimit, split },
  });
  out.status('building the suite');
  const read = async () => (await client.run(SHOW_SUITE, { id: suite.id })).node!;
  const built = await pollUntil(read, { until: ({ status }) => status !== 'BUILDING', what: `suite ${suite.id}` });
  out.clearStatus();
  if (built.status !== 'READY') {
    const { code, message } = built.problem ?? { code: 'SUITE_INVALID', message: `${suite.id} can't be used.` };
    throw new RefusedError(code, message);
  }
  out.result(built, () => built.id);
  out.note(`${formatInteger(built.rowCount)} rows. Next: forkpoint evaluate run ${name} <checkpoint>`);
}

async function startRuns(
  context: Context,
  { wait, idempotencyKey }: { wait: boolean; idempotencyKey?: string },
  wanted: string,
  checkpoints: string[],
): Promise<void> {
  const { out, client } = context;
  const suiteId = await suiteNamed(context, wanted);
  const started: Run[] = [];
  for (const checkpoint of checkpoints) {
    // One command, but a mutation for each: each needs a key of its own.
    const key = idempotencyKey && `${idempotencyKey} ${checkpoint}`;
    started.push((await client.apply(CREATE_RUN, { suiteId, checkpoint }, { idempotencyKey: key })).run);
  }
  const runs = wait ? await waitFor(context, started) : started;
  out.result(runs, () => presentRuns(runs, out.style));
  if (!wait) return;
  const [failed] = runs.filter(({ status }) => status !== 'SUCCEEDED');
  if (failed) {
    const { code, message } = failed.failure ?? {
      code: `RUN_${failed.status}`,
      message: `${failed.id} did not succeed.`,
    };
    throw new RefusedError(code.toUpperCase(), message);
  }
  const [first, second] = runs;
  if (first && second) out.note(`Compare them: forkpoint evaluate compare ${first.id} ${second.id}`);
  else out.note(`Each answer: forkpoint evaluate results ${first!.id}`);
}

async function waitFor({ client, out, terminal }: Context, started: readonly Run[]): Promise<Run[]> {
  const ids = started.map(({ id }) => id);
  terminal.onInterrupt = () => {
    out.note(`The runs go on. See them: forkpoint evaluate runs`);
  };
  const read = () => Promise.all(ids.map(async (id) => (await client.run(SHOW_RUN, { id })).node!));
  const runs = await pollUntil(read, {
    until: (all) => all.every(({ status }) => status !== 'QUEUED' && status !== 'RUNNING'),
    what: 'the evaluation',
    withinSeconds: ENDED_WITHIN_SECONDS,
    everyMilliseconds: ASK_AGAIN_MILLISECONDS,
    onValue: (all) => out.status(all.map((run) => progressOf(run, out.style)).join('   ')),
  });
  terminal.onInterrupt = null;
  out.clearStatus();
  return runs;
}

function progressOf({ status, progress, score }: Run, style: Context['out']['style']): string {
  if (score) return style.green('done');
  if (!progress || progress.totalSteps === 0) return formatConstant(status);
  const { stage, step, totalSteps } = progress;
  return `${stage} ${bar(step / totalSteps, style)} ${step}/${totalSteps}`;
}

async function listRuns(context: Context, options: { checkpoint?: string; limit: number }): Promise<void> {
  const { client, out } = context;
  const projectId = await context.namedProjectId();
  const checkpointId = options.checkpoint && (await findCheckpoint(context, options.checkpoint)).id;
  const filter = { projectId, checkpointId };
  const runs = await collect(
    async (page) => (await client.run(RUNS, { ...page, ...filter })).evaluationRuns,
    options.limit,
  );
  out.result(runs, () =>
    runs.length === 0
      ? 'No runs. Start one: forkpoint evaluate run <suite> <checkpoint>'
      : presentRuns(runs, out.style),
  );
}

async function cancelRun(context: Context, _: object, runId: string): Promise<void> {
  const { run } = await context.act(CANCEL_RUN, { runId });
  context.out.result(run, () => `${run.id} is ${formatConstant(run.status)}.`);
}

async function findSuites({ client }: Context, limit: number, projectId?: string): Promise<Suite[]> {
  return collect(async (page) => (await client.run(SUITES, { ...page, projectId })).evaluationSuites, limit);
}

/** By id, or by its name within the project. */
async function suiteNamed(context: Context, wanted: string): Promise<string> {
  if (wanted.startsWith('suite_')) return wanted;
  const suites = await findSuites(context, 10_000, await context.projectId());
  const found = suites.find(({ name }) => name === wanted);
  if (found) return found.id;
  throw new RefusedError(
    'SUITE_NOT_FOUND',
    `There is no suite ${wanted} that you may see: see forkpoint evaluate suites.`,
  );
}
