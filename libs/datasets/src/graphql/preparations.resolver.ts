import { Args, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { CatalogService } from '#libs/catalog';
import type { PreparationPolicy, PreparationReport } from '#libs/messages';
import { Database } from '#platform/database';
import {
  ConnectionArgs,
  Ctx,
  MutationRunner,
  NodeLoader,
  paginateList,
  projectOfNode,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import type { DatasetVersion } from '../dataset.js';
import { DatasetsService } from '../datasets.service.js';
import type { Preparation } from '../preparation.js';
import { findPreparations, pagesOfPreparationsByVersion } from '../preparation.repository.js';
import { PreparationOutput } from '../preparation-output.js';
import { type PreparationPolicyInput, PrepareDatasetInput, PrepareDatasetPayload } from './datasets.inputs.js';
import { DatasetVersionType } from './datasets.types.js';
import {
  DataErrorConnection,
  PreparationConnection,
  type PreparationPolicyType,
  PreparationReportType,
  PreparationType,
  PreviewRowType,
} from './preparations.types.js';

@Resolver(() => PreparationType)
export class PreparationsResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly datasets: DatasetsService,
    private readonly catalog: CatalogService,
    private readonly output: PreparationOutput,
  ) {}

  @NodeLoader('prep', 'Preparation')
  loadPreparations(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: 'datasets:read',
      find: (tx) => findPreparations(tx, ids),
    });
  }

  @ResolveField()
  policy(@Parent() { policy }: Preparation): PreparationPolicyType {
    const { over_long: overLong, max_tokens: maxTokens, validation_fraction: validationFraction, seed } = policy;
    return { overLong, maxTokens, validationFraction, seed };
  }

  @ResolveField()
  report(@Parent() { report }: Preparation): PreparationReportType | null {
    return report && toReport(report);
  }

  @ResolveField()
  failure(@Parent() { error }: Preparation): Preparation['error'] {
    return error;
  }

  @ResolveField(() => DataErrorConnection, {
    description: 'What is wrong with the data, in order of file and line: the first 1,000. Empty until it has ended.',
  })
  async errors(@Ctx() context: RequestContext, @Parent() preparation: Preparation, @Args() args: ConnectionArgs) {
    const { report } = preparation;
    if (!report) return paginateList([], args);
    const complete = report.errors.kept.length === report.errors.total || (await isGone(context, preparation));
    return paginateList((complete ? report : await this.output.report(preparation)).errors.kept, args);
  }

  @ResolveField(() => [PreviewRowType], {
    description:
      'The first rows as the model sees them, with the tokens it learns marked. Empty unless it is READY, and once the file was deleted.',
  })
  async preview(@Ctx() context: RequestContext, @Parent() preparation: Preparation): Promise<PreviewRowType[]> {
    if (preparation.status !== 'ready' || (await isGone(context, preparation))) return [];
    const rows = await this.output.preview(preparation);
    return rows.map(({ trained_tokens: trainedTokens, pieces, ...row }) => ({
      ...row,
      trainedTokens,
      pieces: pieces.map(({ token_ids: tokenIds, ...piece }) => ({ ...piece, tokenIds })),
    }));
  }

  @Mutation(() => PrepareDatasetPayload, {
    description:
      "Validates a version for a checkpoint, by the checkpoint's own tokenizer and template. What is prepared is what training reads. Asking again gives the same preparation. Needs the permission datasets:write.",
  })
  async prepareDataset(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to validate.' }) input: PrepareDatasetInput,
  ) {
    const projectId = await projectOfNode(context, input.versionId);
    const options = { name: 'prepareDataset', permission: 'datasets:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      const checkpoint = await this.catalog.getVisible(tx, input.checkpoint);
      const { id } = await this.datasets.ensurePrepared(tx, {
        versionId: input.versionId,
        validationVersionId: input.validationVersionId,
        checkpointId: checkpoint.id,
        policy: toPolicy(input, checkpoint.contextLength),
      });
      return { preparation: id };
    });
  }
}

@Resolver(() => DatasetVersionType)
export class DatasetVersionPreparationsResolver {
  constructor(private readonly database: Database) {}

  @ResolveField(() => PreparationConnection, {
    description: 'What was prepared from it as training data, newest first.',
  })
  preparations(@Ctx() context: RequestContext, @Parent() version: DatasetVersionType, @Args() args: ConnectionArgs) {
    return context
      .batched('DatasetVersion.preparations', args, (ids) =>
        this.database.read(context.scope, (tx) => pagesOfPreparationsByVersion(tx, ids, args)),
      )
      .load(version.id);
  }
}

/** What was prepared from a file goes with it; what is known of it stays. */
async function isGone(context: RequestContext, { versionId }: Preparation): Promise<boolean> {
  return (await context.load<DatasetVersion>(versionId))?.status === 'deleted';
}

function toPolicy(
  { policy = {}, validationVersionId }: { policy?: PreparationPolicyInput; validationVersionId?: string },
  contextLength: number,
): PreparationPolicy {
  return {
    over_long: policy.overLong ?? 'reject',
    max_tokens: policy.maxTokens ?? contextLength,
    validation_fraction: validationVersionId ? 0 : (policy.validationFraction ?? 0),
    seed: policy.seed ?? 0,
  };
}

function toReport({ format, rows, tokens, errors, over_long, lengths }: PreparationReport): PreparationReportType {
  return {
    format: format ?? null,
    rows: { ...rows, blankLines: rows.blank_lines },
    tokens: {
      ...tokens,
      trainTrained: tokens.train_trained,
      validationTrained: tokens.validation_trained,
      longestRow: tokens.longest_row,
    },
    errorCount: errors.total,
    errorCounts: Object.entries(errors.by_code).map(([code, count]) => ({ code, count: count ?? 0 })),
    overLongCount: over_long.total,
    overLongLines: over_long.lines,
    lengths: lengths.map((bin) => ({ upToTokens: bin.up_to_tokens, rows: bin.rows })),
  };
}
