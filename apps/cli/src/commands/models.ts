import { RefusedError } from '#libs/client';
import { type Commands, integer, list } from '../commands.js';
import type { Context } from '../context.js';
import {
  CHECKPOINT,
  CHECKPOINTS,
  DELETE_VARIANT,
  FAMILIES,
  type ListedCheckpoint,
  SET_USE_TAGS,
  type ShownCheckpoint,
  type UseTags,
} from '../documents/catalog.js';
import { collect } from '../documents/shared.js';
import { InterruptedError, UsageError } from '../failure.js';
import {
  formatConstant,
  formatCount,
  formatInteger,
  formatNumber,
  formatParameters,
  formatTime,
  toConstant,
} from '../output/format.js';
import { fields, table } from '../output/table.js';
import { ask } from '../prompt.js';

interface ListOptions {
  family?: string;
  kind?: string[];
  status?: string[];
  stage?: string;
  base?: string;
  own?: boolean;
  minStep?: number;
  maxStep?: number;
  prefix?: string;
  order: string;
  limit: number;
}

interface DeleteOptions {
  yes?: boolean;
}

interface TagOptions {
  export?: string;
  regions?: string[];
}

export function addModelCommands(commands: Commands): void {
  commands.group('models', 'Checkpoints to fork, and variants of your own', (group) =>
    group
      .read<ListOptions>('list', 'List checkpoints', listCheckpoints, listOptions, { isDefault: true })
      .read('show <checkpoint>', 'Show the model card, figures and prices of a checkpoint', showCheckpoint)
      .act<DeleteOptions>(
        'delete <variant>',
        'Delete a variant of your own: its files go, what is known of it stays',
        deleteVariant,
        (command) => command.option('-y, --yes', 'do not ask'),
      )
      .read('families', 'List model families and their recommended recipes', listFamilies)
      .act<TagOptions>(
        'tag <checkpoint>',
        'Set who may use a checkpoint and its variants, and where; for the lab',
        tagCheckpoint,
        (command) =>
          command
            .option('--export <classification>', 'for export control, such as 4E091; not controlled if left out')
            .option('--regions <regions>', 'where alone it may be used; anywhere if left out', list),
      ),
  );
}

const listOptions: Parameters<Commands['read']>[3] = (command) =>
  command
    .option('--family <name>', 'of one model family')
    .option('--kind <kinds>', 'base, adapter, merged', list)
    .option('--status <statuses>', 'draft, verifying, published, retired', list)
    .option('--stage <stage>', 'of training: pretraining, midtraining, sft, rl')
    .option('--base <checkpoint>', 'made from this base')
    .option('--own', "your organization's variants")
    .option('--min-step <step>', 'from this step of training', integer(0))
    .option('--max-step <step>', 'to this step of training', integer(0))
    .option('--prefix <text>', 'whose names begin so')
    .option('--order <order>', 'newest, step or name', 'newest')
    .option('--limit <count>', 'at most so many', integer(1, 10_000), 50);

async function listCheckpoints(context: Context, options: ListOptions): Promise<void> {
  const { client, out } = context;
  const filter = {
    familyId: options.family && (await familyId(context, options.family)),
    kinds: options.kind?.map(toConstant),
    statuses: options.status?.map(toConstant),
    stage: options.stage && toConstant(options.stage),
    baseCheckpointId: options.base && (await findCheckpoint(context, options.base)).id,
    own: options.own === true,
    projectId: options.own ? await context.namedProjectId() : undefined,
    minimumStep: options.minStep,
    maximumStep: options.maxStep,
    namePrefix: options.prefix,
    orderBy: toConstant(options.order),
  };
  const ask = async (page: { first: number }) => (await client.run(CHECKPOINTS, { ...page, ...filter })).checkpoints;
  const checkpoints = await collect(ask, options.limit);
  out.result(checkpoints, () => {
    if (checkpoints.length === 0) return 'No checkpoints of this description that you may see.';
    return table(
      checkpoints,
      [
        { title: 'NAME', value: ({ name }) => name },
        { title: 'KIND', value: ({ kind }) => formatConstant(kind) },
        { title: 'STATUS', value: ({ status }) => (status === 'PUBLISHED' ? '' : formatConstant(status)) },
        { title: 'STAGE', value: ({ trainingRun }) => formatConstant(trainingRun?.stage) },
        { title: 'STEP', value: ({ step }) => formatInteger(step), align: 'right' },
        { title: 'TOKENS', value: ({ tokensSeen }) => formatCount(tokensSeen), align: 'right' },
        { title: 'LOSS', value: ({ loss }) => formatNumber(loss), align: 'right' },
        { title: 'CONTEXT', value: ({ contextLength }) => formatInteger(contextLength), align: 'right' },
        { title: 'YOU MAY', value: allowed },
      ],
      out.style,
    );
  });
}

async function showCheckpoint(context: Context, _: object, model: string): Promise<void> {
  const checkpoint = await findCheckpoint(context, model);
  const { style } = context.out;
  context.out.result(checkpoint, () =>
    [style.bold(checkpoint.name), fields(cardOf(checkpoint), style), figuresOf(checkpoint, style)]
      .filter(Boolean)
      .join('\n\n'),
  );
}

function cardOf(checkpoint: ShownCheckpoint): Array<[string, string | null | undefined]> {
  const { modelCard, adapter, recipe } = checkpoint;
  const tags = tagsOf(checkpoint);
  return [
    ['Id', checkpoint.id],
    ['Summary', modelCard.summary],
    ['Kind', formatConstant(checkpoint.kind)],
    ['Status', statusOf(checkpoint)],
    ['Family', checkpoint.family?.name],
    ['Made from', checkpoint.parent?.name],
    ['By', `${recipe.method} ${formatParameters(recipe.parameters)}`],
    ['Adapter', adapter && `rank ${adapter.rank}, alpha ${adapter.alpha}, on ${adapter.targetModules.join(', ')}`],
    ['Served on', checkpoint.base?.id === checkpoint.id ? null : checkpoint.base?.name],
    ['Step', formatInteger(checkpoint.step)],
    ['Tokens seen', formatInteger(checkpoint.tokensSeen)],
    ['Loss', formatNumber(checkpoint.loss)],
    ['Parameters', formatInteger(checkpoint.parameterCount)],
    ['Context', checkpoint.contextLength === null ? null : `${formatInteger(checkpoint.contextLength)} tokens`],
    ['License', checkpoint.license],
    ['Export control', tags.exportClassification],
    ['Used in', tags.computeRegions.join(', ')],
    ['Intended use', modelCard.intendedUse],
    ['Limitations', modelCard.limitations],
    ['Training data', modelCard.trainingData],
    ['Manifest', checkpoint.manifestSha256],
    ['Tokenizer', checkpoint.tokenizerSha256],
    ['Template', checkpoint.templateSha256],
    ['You may', allowed(checkpoint)],
  ];
}

/** A variant stands under those of what it is served on. */
function tagsOf({ base, exportClassification, computeRegions }: ShownCheckpoint): UseTags {
  return base ?? { exportClassification, computeRegions };
}

async function tagCheckpoint(context: Context, options: TagOptions, model: string): Promise<void> {
  const { id, name } = await findCheckpoint(context, model);
  const { checkpoint } = await context.act(SET_USE_TAGS, {
    checkpointId: id,
    exportClassification: options.export,
    computeRegions: options.regions,
  });
  context.out.result(checkpoint, () => `${name} ${describeTags(checkpoint)}`);
}

async function deleteVariant(context: Context, { yes }: DeleteOptions, model: string): Promise<void> {
  const { id, name } = await findCheckpoint(context, model);
  if (!yes) await assertMeant(context, name);
  const { checkpoint } = await context.act(DELETE_VARIANT, { checkpointId: id });
  const { at, reason } = checkpoint.removal;
  context.out.result(
    checkpoint,
    () => `${name} is deleted: its files were removed ${formatTime(at)} by ${reason}. What is known of it stays.`,
  );
}

async function assertMeant({ terminal }: Context, name: string): Promise<void> {
  const question = `Delete the files of ${name}? They can't be had back; its name, lineage and figures stay. [y/N] `;
  const answer = await ask(terminal, question, '--yes');
  if (!/^y(es)?$/i.test(answer)) throw new InterruptedError(`${name} is not deleted`);
}

function describeTags({ exportClassification, computeRegions }: UseTags): string {
  const who = exportClassification ? `is classified ${exportClassification}` : 'is not classified';
  return `${who}, and may be used ${computeRegions.length > 0 ? `in ${computeRegions.join(', ')}` : 'anywhere'}.`;
}

function statusOf({ status, publishedAt, retiredAt, retirementReason }: ShownCheckpoint): string {
  if (retiredAt) return `retired ${formatTime(retiredAt)}: ${retirementReason}`;
  return `${formatConstant(status)} ${formatTime(publishedAt)}`.trim();
}

function figuresOf({ evaluations, prices }: ShownCheckpoint, style: Context['out']['style']): string {
  const figures = table(
    evaluations,
    [
      { title: 'EVALUATION', value: ({ name }) => name },
      { title: 'METRIC', value: ({ metric }) => formatConstant(metric) },
      {
        title: 'VALUE',
        value: ({ value, standardError }) =>
          formatNumber(value) + (standardError === null ? '' : ` ± ${formatNumber(standardError, 2)}`),
        align: 'right',
      },
      { title: 'EXAMPLES', value: ({ examples }) => formatInteger(examples), align: 'right' },
    ],
    style,
  );
  const priced = table(
    prices,
    [
      { title: 'PRICE OF', value: ({ meter }) => formatConstant(meter) },
      {
        title: 'IS',
        value: ({ price, perUnits }) => `${price.display} per ${formatInteger(perUnits)}`,
      },
    ],
    style,
  );
  return [evaluations.length > 0 && figures, prices.length > 0 && priced].filter(Boolean).join('\n\n');
}

async function listFamilies({ client, out }: Context): Promise<void> {
  const families = await collect(async (page) => (await client.run(FAMILIES, page)).modelFamilies, 1_000);
  out.result(families, () =>
    families
      .map(({ name, displayName, description, license, maxLoraRank, recipes }) => {
        const entries = [
          ['About', description],
          ['License', license],
          ['Largest rank', String(maxLoraRank)],
          ...recipes.map(({ method, version, hyperparameters, notes }) => [
            formatConstant(method),
            `${formatParameters(hyperparameters)}\n${notes} (version ${version})`,
          ]),
        ] as Array<[string, string]>;
        return `${out.style.bold(name)}  ${displayName}\n${fields(entries, out.style)}`;
      })
      .join('\n\n'),
  );
}

/** A checkpoint by name or id. */
export async function findCheckpoint({ client }: Context, model: string): Promise<ShownCheckpoint> {
  const { checkpoint } = await client.run(CHECKPOINT, { model });
  if (checkpoint) return checkpoint;
  throw checkpointNotFound(model);
}

export function checkpointNotFound(model: string): RefusedError {
  return new RefusedError(
    'CHECKPOINT_NOT_FOUND',
    `There is no checkpoint ${model} that you may see: see forkpoint models.`,
  );
}

async function familyId({ client }: Context, wanted: string): Promise<string> {
  const families = await collect(async (page) => (await client.run(FAMILIES, page)).modelFamilies, 1_000);
  const found = families.find(({ id, name }) => id === wanted || name === wanted);
  if (found) return found.id;
  throw new UsageError(`there is no family ${wanted}: there are ${families.map(({ name }) => name).join(', ')}`);
}

function allowed({ allowedActions }: Pick<ListedCheckpoint, 'allowedActions'>): string {
  return allowedActions
    .filter((action) => action !== 'BROWSE')
    .map((action) => formatConstant(action).replaceAll(' ', '-'))
    .join(' ');
}
