import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { RetentionService, type RetentionTerms } from '#libs/contracts';
import { ContentEndType } from '#libs/contracts/graphql';
import { ProjectService } from '#libs/identity';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  ConnectionArgs,
  Ctx,
  MutationRunner,
  NodeLoader,
  PresignedRequestType,
  projectOfNode,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import { ObjectStore } from '#platform/storage';
import type { DatasetVersion } from '../dataset.js';
import {
  findDatasets,
  findVersions,
  pageOfDatasets,
  pageOfVersions,
  pagesOfVersionsByDataset,
} from '../dataset.repository.js';
import { DatasetsService } from '../datasets.service.js';
import { keptUntil } from '../keeping.js';
import {
  CreateDatasetInput,
  CreateDatasetPayload,
  DeleteDatasetVersionInput,
  DeleteDatasetVersionPayload,
} from './datasets.inputs.js';
import {
  DatasetConnection,
  DatasetType,
  DatasetVersionConnection,
  DatasetVersionType,
  ProjectPageArgs,
} from './datasets.types.js';

@Resolver(() => DatasetType)
export class DatasetsResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly datasetsService: DatasetsService,
    private readonly projects: ProjectService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('ds', 'Dataset')
  loadDatasets(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: 'datasets:read',
      find: (tx) => findDatasets(tx, ids),
    });
  }

  @Query(() => DatasetConnection, { description: 'Datasets, newest first. Needs the permission datasets:read.' })
  datasets(@Ctx() context: RequestContext, @Args() { projectId, ...args }: ProjectPageArgs) {
    this.authorizer.authorize(context.principal, 'datasets:read', { projectId });
    return this.database.read(context.scope, (tx) => pageOfDatasets(tx, projectId ?? null, args));
  }

  @Query(() => DatasetVersionConnection, {
    description: 'Dataset versions, newest first, deleted ones among them. Needs the permission datasets:read.',
  })
  datasetVersions(@Ctx() context: RequestContext, @Args() { projectId, ...args }: ProjectPageArgs) {
    this.authorizer.authorize(context.principal, 'datasets:read', { projectId });
    return this.database.read(context.scope, (tx) => pageOfVersions(tx, projectId ?? null, args));
  }

  @ResolveField(() => DatasetVersionConnection, { description: 'Its versions, newest first, deleted ones among them.' })
  versions(@Ctx() context: RequestContext, @Parent() dataset: DatasetType, @Args() args: ConnectionArgs) {
    return context
      .batched('Dataset.versions', args, (ids) =>
        this.database.read(context.scope, (tx) => pagesOfVersionsByDataset(tx, ids, args)),
      )
      .load(dataset.id);
  }

  @Mutation(() => CreateDatasetPayload, { description: 'Makes a dataset. Needs the permission datasets:write.' })
  createDataset(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to make.' }) input: CreateDatasetInput,
  ) {
    const { projectId } = input;
    const options = { name: 'createDataset', permission: 'datasets:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.projects.require(tx, projectId);
      return { dataset: (await this.datasetsService.createDataset(tx, input)).id };
    });
  }

  @Mutation(() => DeleteDatasetVersionPayload, {
    description:
      'Deletes the bytes of a version and what was prepared from them; a tombstone with the hash stays. Refused while something reads it. Needs the permission datasets:write.',
  })
  async deleteDatasetVersion(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to delete.' }) input: DeleteDatasetVersionInput,
  ) {
    const projectId = await projectOfNode(context, input.versionId);
    const options = { name: 'deleteDatasetVersion', permission: 'datasets:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => ({
      datasetVersion: (await this.datasetsService.deleteVersion(tx, input.versionId)).id,
    }));
  }
}

@Resolver(() => DatasetVersionType)
export class DatasetVersionsResolver {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly retention: RetentionService,
  ) {}

  @NodeLoader('file', 'DatasetVersion')
  loadVersions(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: 'datasets:read',
      find: (tx) => findVersions(tx, ids),
    });
  }

  @ResolveField(() => ContentEndType, {
    nullable: true,
    description:
      'When it will be deleted, and by what, as agreed on now; null: when somebody deletes it. What is read by then goes once it is not.',
  })
  async keptUntil(@Ctx() context: RequestContext, @Parent() version: DatasetVersion): Promise<ContentEndType | null> {
    const { organizationId } = context.scope;
    const terms = await context
      .batched<RetentionTerms>('DatasetVersion.keptUntil', {}, async (ids) => {
        const terms = await this.database.read(context.scope, (tx) => this.retention.terms(tx));
        return ids.map(() => terms);
      })
      .load(organizationId);
    return keptUntil(version, terms);
  }

  @ResolveField()
  removal(@Parent() { removal }: DatasetVersion): ContentEndType | null {
    return ContentEndType.of(removal);
  }

  @ResolveField(() => PresignedRequestType, { nullable: true, description: 'Fetches the bytes; null once deleted.' })
  content(@Parent() version: DatasetVersion) {
    if (version.status === 'deleted') return null;
    return this.store.presignGet(version.objectKey, { filename: version.filename });
  }
}
