import type { MutationOperation } from '#libs/client';
import { type Commands, integer, list } from '../commands.js';
import type { Context } from '../context.js';
import {
  CANCEL_JOB,
  JOBS,
  type Job,
  PAUSE_JOB,
  RESUME_JOB,
  SHOW_JOB,
  type ShownJob,
} from '../documents/fine-tuning.js';
import { collect } from '../documents/shared.js';
import { jobNotFound } from '../job-news.js';
import {
  formatConstant,
  formatInteger,
  formatParameters,
  formatSeconds,
  formatTime,
  toConstant,
} from '../output/format.js';
import { fields, table } from '../output/table.js';
import type { Style } from '../terminal.js';
import { progressLine } from './follow.js';

interface ListOptions {
  status?: string[];
  model?: string;
  limit: number;
}

export function addJobCommands(commands: Commands): void {
  commands.group('jobs', 'Fine-tune jobs', (group) =>
    group
      .read<ListOptions>(
        'list',
        'List jobs, newest first',
        listJobs,
        (command) =>
          command
            .option('--status <statuses>', 'such as running,queued', list)
            .option('--model <checkpoint>', 'started from this checkpoint')
            .option('--limit <count>', 'at most so many', integer(1, 10_000), 20),
        { isDefault: true },
      )
      .read('show <job>', 'Show a job: what was asked for, what it became, what it cost', showJob)
      .act('cancel <job>', 'End a job. What was trained is billed; intermediate checkpoints stay', mover(CANCEL_JOB))
      .act('pause <job>', 'Save a job and free its place until it is resumed', mover(PAUSE_JOB))
      .act('resume <job>', 'Go on with a paused job where it was saved', mover(RESUME_JOB)),
  );
}

async function listJobs(context: Context, { status, model, limit }: ListOptions): Promise<void> {
  const { client, out } = context;
  const filter = { projectId: await context.namedProjectId(), status: status?.map(toConstant), model };
  const jobs = await collect(async (page) => (await client.run(JOBS, { ...page, ...filter })).fineTuneJobs, limit);
  out.result(jobs, () => {
    if (jobs.length === 0) return 'No jobs. Start one: forkpoint tune --model <checkpoint> --file <file id>';
    return table(
      jobs,
      [
        { title: 'JOB', value: ({ id }) => id },
        { title: 'STATUS', value: (job) => colouredStatus(job, out.style) },
        { title: 'FROM', value: ({ parent }) => parent?.name ?? '' },
        { title: 'VARIANT', value: ({ outputName }) => outputName ?? '' },
        { title: 'STEP', value: stepOf, align: 'right' },
        { title: 'TOKENS', value: ({ trainedTokens }) => formatInteger(trainedTokens), align: 'right' },
        { title: 'COST', value: ({ cost }) => cost?.display ?? '', align: 'right' },
        { title: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) },
      ],
      out.style,
    );
  });
}

async function showJob({ client, out }: Context, _: object, id: string): Promise<void> {
  const { node } = await client.run(SHOW_JOB, { id });
  if (!node?.status) throw jobNotFound(id);
  out.result(node, () => fields(describe(node, out.style), out.style));
}

function describe(job: ShownJob, style: Style): Array<[string, string | null | undefined]> {
  return [
    ['Job', style.bold(job.id)],
    ['Status', colouredStatus(job, style)],
    ['Error', job.error && `${style.red(job.error.code)}: ${job.error.message}`],
    ['Progress', job.status === 'RUNNING' ? progressLine(job, null, style) : null],
    ['From', job.parent?.name],
    ['Variant', job.outputName],
    ['Trained on', job.trainingFile && `${job.trainingFile.filename} (${job.trainingFile.id})`],
    ['Measured on', job.validationFile && `${job.validationFile.filename} (${job.validationFile.id})`],
    ['Recipe', formatParameters(job.recipe ?? job.requested)],
    ['Seed', String(job.seed)],
    ['Metadata', formatParameters(job.metadata)],
    [
      'Planned',
      job.plannedSteps === null
        ? null
        : `${formatInteger(job.plannedSteps)} steps, ${formatInteger(job.plannedTokens)} tokens, about ${formatSeconds(job.estimatedSeconds)}`,
    ],
    ['Trained', job.trainedTokens && `${formatInteger(job.trainedTokens)} tokens`],
    ['Cost', job.cost?.display],
    ['Never more than', job.hardCap?.display],
    ['Attempts', job.attempts.map(attemptLine).join('\n')],
    ['Created', formatTime(job.createdAt)],
    ['Started', formatTime(job.startedAt)],
    ['Ended', formatTime(job.finishedAt)],
  ];
}

function attemptLine({ number, resumedFromStep, outcome, startedAt, endedAt }: ShownJob['attempts'][number]): string {
  const from = resumedFromStep ? `from step ${resumedFromStep}` : 'from the start';
  return `${number} ${from}: ${outcome ? formatConstant(outcome) : 'running'}  ${formatTime(endedAt ?? startedAt)}`.trimEnd();
}

function mover(operation: MutationOperation<{ fineTuneJob: Job }, { fineTuneJobId: string }>) {
  return async (context: Context, _: object, fineTuneJobId: string): Promise<void> => {
    const { fineTuneJob } = await context.act(operation, { fineTuneJobId });
    context.out.result(fineTuneJob, () => `${fineTuneJob.id} is ${formatConstant(fineTuneJob.status)}.`);
  };
}

function colouredStatus({ status }: Pick<Job, 'status'>, style: Style): string {
  const paints = { SUCCEEDED: style.green, FAILED: style.red, CANCELLED: style.yellow, PAUSED: style.yellow } as const;
  return (paints[status as keyof typeof paints] ?? style.cyan)(formatConstant(status));
}

function stepOf({ progress, plannedSteps }: Job): string {
  if (progress?.stage === 'training') return `${progress.step}/${progress.totalSteps}`;
  return plannedSteps === null ? '' : formatInteger(plannedSteps);
}
