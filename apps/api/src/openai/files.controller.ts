import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DatasetsService, FileReceiver, listFiles } from '#libs/datasets';
import { ProjectService } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, type Principal } from '#platform/graphql';
import { ObjectStore } from '#platform/storage';
import { Authenticated, Caller } from '../auth/authenticated.guard.js';
import { Acts, projectOfCall, scopeOfCall } from './calls.js';
import { readFileForm } from './file-form.js';
import { presentDeleted, presentFile, presentFiles } from './files.presenter.js';

const LARGEST_PAGE = 10_000;

const LIST_QUERY = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(LARGEST_PAGE),
  order: z.enum(['asc', 'desc']).default('desc'),
  purpose: z.string().optional(),
});

/** OpenAI's files: dataset versions by another name. */
@Controller('v1/files')
@Authenticated()
export class FilesController {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
    private readonly receiver: FileReceiver,
    private readonly projects: ProjectService,
    private readonly acts: Acts,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @Post()
  @HttpCode(200)
  async create(@Caller() caller: Principal, @Req() request: FastifyRequest) {
    const scope = scopeOfCall(caller, request);
    const projectId = projectOfCall(scope);
    // Before the first byte is taken in.
    this.authorizer.authorize(caller, 'datasets:write', { projectId });
    await this.database.read(scope, (tx) => this.projects.require(tx, projectId));
    const { file, ...meaning } = await readFileForm(
      request,
      (filename, source) => this.receiver.receive(scope, { projectId, filename }, source),
      ({ upload }) => this.receiver.drop(scope, upload.id),
    );
    const input = { ...meaning, filename: file.upload.filename, ...file.content };
    const act = { name: 'createFile', permission: 'datasets:write', projectId, input };
    try {
      const call = { caller, scope, requestId: request.id };
      return presentFile(await this.acts.run(call, act, (tx) => this.receiver.accept(tx, file, meaning)));
    } catch (error) {
      await this.receiver.drop(scope, file.upload.id);
      throw error;
    }
  }

  @Get()
  async list(@Caller() caller: Principal, @Req() request: FastifyRequest, @Query() query: unknown) {
    this.authorizer.authorize(caller, 'datasets:read');
    const { limit, after, ...filter } = readListQuery(query);
    const files = await this.database.read(scopeOfCall(caller, request), async (tx) => {
      if (after) await this.datasets.getVersion(tx, after);
      return listFiles(tx, { ...filter, after, limit: limit + 1 });
    });
    return presentFiles(files.slice(0, limit), files.length > limit);
  }

  @Get(':id')
  async retrieve(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    return presentFile(await this.versionOf(caller, request, id));
  }

  @Delete(':id')
  async delete(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    const scope = scopeOfCall(caller, request);
    const act = { name: 'deleteFile', permission: 'datasets:write', input: { id } };
    const call = { caller, scope, requestId: request.id };
    await this.acts.run(call, act, (tx) => this.datasets.deleteVersion(tx, id));
    return presentDeleted(id);
  }

  @Get(':id/content')
  async content(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    const { objectKey, bytes, filename } = await this.versionOf(caller, request, id);
    return new StreamableFile(await this.store.getStream(objectKey), {
      type: 'application/octet-stream',
      disposition: `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
      length: bytes,
    });
  }

  private versionOf(caller: Principal, request: FastifyRequest, id: string) {
    this.authorizer.authorize(caller, 'datasets:read');
    return this.database.read(scopeOfCall(caller, request), (tx) => this.datasets.getVersion(tx, id));
  }
}

function readListQuery(query: unknown): z.infer<typeof LIST_QUERY> {
  const result = LIST_QUERY.safeParse(query);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new DomainError('INVALID_QUERY', `${path.join('.')}: ${message}.`, { path: path.map(String) });
}
