import { RefusedError } from '#libs/client';
import { type Commands, decimal, integer, list, nanoDollars, pair } from '../commands.js';
import type { Context } from '../context.js';
import { CREATE_JOB, type JobRequest, QUOTE, type Quote } from '../documents/fine-tuning.js';
import { UsageError } from '../failure.js';
import { formatInteger, formatParameters, formatSeconds, toConstant } from '../output/format.js';
import { fields } from '../output/table.js';
import { followToEnd } from './follow.js';
import { type PolicyOptions, policyOf, policyOptions, prepare } from './validate.js';

interface JobOptions extends PolicyOptions {
  model: string;
  file: string;
  validationFile?: string;
  suffix?: string;
  seed?: number;
  epochs?: number;
  batchSize?: number;
  learningRateMultiplier?: number;
  rank?: number;
  alpha?: number;
  targetModules?: string[];
  dropout?: number;
  weightDecay?: number;
  warmupSteps?: number;
  scheduler?: string;
  maxSteps?: number;
  checkpointEverySteps?: number;
}

interface TuneOptions extends JobOptions {
  metadata?: Record<string, string>;
  cap?: string;
  follow?: boolean;
}

export function addTuneCommands(commands: Commands): void {
  commands
    .read<JobOptions>('quote', 'Show what a fine-tune would take and cost', quote, jobOptions)
    .act<TuneOptions>('tune', 'Fine-tune a checkpoint on a file', tune, (command) =>
      jobOptions(command)
        .option('--metadata <name=value>', 'a pair of your own; may be given up to 16 times', pair)
        .option('--cap <usd>', 'refuse the job if it would cost more, such as 2.50', nanoDollars)
        .option('--follow', 'watch it to its end'),
    );
}

/** What is left out comes from the recipe that the family recommends. */
const jobOptions: NonNullable<Parameters<Commands['read']>[3]> = (command) =>
  policyOptions(
    command
      .requiredOption('--model <checkpoint>', 'name or id of the checkpoint to start from')
      .requiredOption('--file <file id>', 'what to train on')
      .option('--validation-file <file id>', 'what to measure on')
      .option('--suffix <text>', "part of the variant's name")
      .option('--seed <number>', 'of everything random', integer(0))
      .optionsGroup("Hyperparameters (left out: the family's recipe):")
      .option('--epochs <count>', 'passes over the data', decimal)
      .option('--batch-size <rows>', 'rows per step', integer(1))
      .option('--learning-rate-multiplier <factor>', "multiplies the recipe's learning rate", decimal)
      .option('--rank <number>', 'of the adapter', integer(1))
      .option('--alpha <number>', 'of the adapter', decimal)
      .option('--target-modules <names>', 'modules that get an adapter, such as q_proj,v_proj', list)
      .option('--dropout <share>', 'on the adapter', decimal)
      .option('--weight-decay <number>', "AdamW's", decimal)
      .option('--warmup-steps <count>', 'steps over which the learning rate rises', integer(0))
      .option('--scheduler <name>', 'constant, linear or cosine')
      .option('--max-steps <count>', 'ends training early', integer(1))
      .option('--checkpoint-every-steps <count>', 'how often an intermediate checkpoint is kept', integer(1))
      .optionsGroup('Data policy:'),
  );

function requestOf(options: JobOptions, projectId: string): JobRequest {
  const { model, file, validationFile, suffix, seed } = options;
  if (!file.startsWith('file_'))
    throw new UsageError(`--file takes the id that an upload gives: forkpoint upload ${file}`);
  const hyperparameters = withoutAbsent({
    epochs: options.epochs,
    batchSize: options.batchSize,
    learningRateMultiplier: options.learningRateMultiplier,
    rank: options.rank,
    alpha: options.alpha,
    targetModules: options.targetModules,
    dropout: options.dropout,
    weightDecay: options.weightDecay,
    warmupSteps: options.warmupSteps,
    scheduler: options.scheduler && toConstant(options.scheduler),
    maxSteps: options.maxSteps,
    checkpointEverySteps: options.checkpointEverySteps,
  });
  const dataPolicy = withoutAbsent(policyOf(options));
  const target = { projectId, model, trainingFileId: file, validationFileId: validationFile, suffix, seed };
  return { ...target, hyperparameters, dataPolicy };
}

async function quote(context: Context, options: JobOptions): Promise<void> {
  const { client, out } = context;
  const request = requestOf(options, await context.projectId());
  let quoted = (await client.run(QUOTE, { input: request })).fineTuneQuote;
  if (!quoted.ready) {
    // Priced is what was read: the same policy and seed as the job would have.
    const preparation = await prepare(context, {
      versionId: request.trainingFileId,
      validationVersionId: request.validationFileId,
      checkpoint: request.model,
      policy: { ...request.dataPolicy, seed: request.seed },
    });
    if (preparation.status !== 'READY') {
      const reason = preparation.failure?.message ?? `it has ${preparation.report?.errorCount ?? 0} errors`;
      const advice = `see forkpoint validate ${request.trainingFileId} --for ${request.model}`;
      throw new RefusedError(
        preparation.failure?.code ?? 'FILE_INVALID',
        `The file can't be trained on: ${reason}; ${advice}`,
      );
    }
    quoted = (await client.run(QUOTE, { input: request })).fineTuneQuote;
  }
  out.result(quoted, () => presentQuote(quoted, out.style));
}

async function tune(context: Context, options: TuneOptions): Promise<void> {
  const { out } = context;
  const request = requestOf(options, await context.projectId());
  const input = { ...request, metadata: options.metadata, costCapNanos: options.cap };
  const { fineTuneJob: job } = await context.act(CREATE_JOB, input);
  if (options.follow) {
    // A program knows at once which job to come back to.
    out.item({ type: 'job', job }, () => null);
    out.note(`${job.id} is ${job.status === 'QUEUED' ? 'queued' : 'accepted'}.`);
    return followToEnd(context, job.id);
  }
  out.result(job, () => job.id);
  out.note(`Watch it: forkpoint follow ${job.id}`);
}

function presentQuote(quoted: Quote, style: Context['out']['style']): string {
  return fields(
    [
      ['Steps', formatInteger(quoted.steps)],
      ['Tokens', formatInteger(quoted.tokens)],
      ['Time', `about ${formatSeconds(quoted.estimatedSeconds)}`],
      ['Price', quoted.price && style.bold(quoted.price.display)],
      ['Never more than', quoted.hardCap?.display],
      ['Recipe', formatParameters(quoted.recipe)],
    ],
    style,
  );
}

function withoutAbsent<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;
}
