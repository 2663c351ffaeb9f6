import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CatalogService } from '#libs/catalog';
import { ComputeHistory } from '#libs/compute';
import { type FineTuneJob, FineTuningService, listJobsAfter, withPath } from '#libs/fine-tuning';
import { DomainError } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { AUTHORIZER, type Authorizer, type Principal } from '#platform/graphql';
import { Authenticated, Caller } from '../auth/authenticated.guard.js';
import { Acts, projectOfCall, scopeOfCall } from './calls.js';
import { page, presentCheckpoint, presentEvent, presentJob } from './fine-tuning.presenter.js';
import { pathInBody, readCreateBody, readPageQuery } from './fine-tuning.schema.js';

/** OpenAI's fine-tuning jobs: the same jobs that GraphQL shows. */
@Controller('v1/fine_tuning/jobs')
@Authenticated()
export class FineTuningController {
  constructor(
    private readonly database: Database,
    private readonly fineTuning: FineTuningService,
    private readonly catalog: CatalogService,
    private readonly history: ComputeHistory,
    private readonly acts: Acts,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  /** The clients repeat a create that got no answer, marked by `x-stainless-retry-count`: that is the same job. */
  @Post()
  @HttpCode(200)
  async create(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Headers('x-stainless-retry-count') retryCount = '0',
  ) {
    const scope = scopeOfCall(caller, request);
    const projectId = projectOfCall(scope);
    const job = { projectId, ...readCreateBody(body) };
    const act = { name: 'createFineTuneJob', permission: 'jobs:write', projectId, input: body };
    const isRetry = Number(retryCount) > 0;
    const made = this.acts.run({ caller, scope, requestId: request.id }, act, (tx) =>
      isRetry ? this.fineTuning.createOrRepeat(tx, job) : this.fineTuning.create(tx, job),
    );
    return presentJob(await made.catch(refuseInBody));
  }

  @Get()
  async list(@Caller() caller: Principal, @Req() request: FastifyRequest, @Query() query: unknown) {
    const { limit, after, metadata } = readPageQuery(query);
    const jobs = await this.read(caller, request, async (tx) => {
      if (after) await this.fineTuning.get(tx, after);
      return listJobsAfter(tx, { metadata }, after ?? null, limit + 1);
    });
    return page(jobs.map(presentJob), limit);
  }

  @Get(':id')
  async retrieve(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    return presentJob(await this.read(caller, request, (tx) => this.fineTuning.get(tx, id)));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  cancel(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    return this.move(caller, request, id, 'cancel');
  }

  @Post(':id/pause')
  @HttpCode(200)
  pause(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    return this.move(caller, request, id, 'pause');
  }

  @Post(':id/resume')
  @HttpCode(200)
  resume(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') id: string) {
    return this.move(caller, request, id, 'resume');
  }

  /** Newest first, as OpenAI gives them. */
  @Get(':id/events')
  async events(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query() query: unknown,
  ) {
    const { limit, after } = readPageQuery(query);
    const events = await this.read(caller, request, async (tx) => {
      const job = await this.fineTuning.get(tx, id);
      return job.computeJobId ? this.history.eventsBefore(tx, job.computeJobId, after ?? null, limit + 1) : [];
    });
    return page(events.map(presentEvent), limit);
  }

  /** Whole intermediate checkpoints, newest first: each can be called by its name. */
  @Get(':id/checkpoints')
  async checkpoints(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query() query: unknown,
  ) {
    const { limit, after } = readPageQuery(query, 10);
    const presented = await this.read(caller, request, async (tx) => {
      const job = await this.fineTuning.get(tx, id);
      const checkpoints = await this.catalog.checkpointsOfJob(tx, job.id, after ?? null, limit + 1);
      const [points = []] = await this.history.series(tx, job.computeJobId ? [job.computeJobId] : []);
      return checkpoints.map((checkpoint) => {
        const metrics = points
          .filter((point) => point.step === checkpoint.step)
          .map((point) => [point.name, point.value]);
        return presentCheckpoint(checkpoint, job.id, Object.fromEntries(metrics));
      });
    });
    return page(presented, limit);
  }

  private async move(caller: Principal, request: FastifyRequest, id: string, act: 'cancel' | 'pause' | 'resume') {
    const scope = scopeOfCall(caller, request);
    const { projectId } = await this.database.read(scope, (tx) => this.fineTuning.get(tx, id));
    const options = { name: `${act}FineTuneJob`, permission: 'jobs:write', projectId, input: { id } };
    const call = { caller, scope, requestId: request.id };
    return presentJob(await this.acts.run<FineTuneJob>(call, options, (tx) => this.fineTuning[act](tx, id)));
  }

  private read<T>(
    caller: Principal,
    request: FastifyRequest,
    work: Parameters<typeof this.database.read<T>>[1],
  ): Promise<T> {
    this.authorizer.authorize(caller, 'jobs:read');
    const scope: Scope = scopeOfCall(caller, request);
    return this.database.read(scope, work);
  }
}

function refuseInBody(error: unknown): never {
  throw error instanceof DomainError ? withPath(error, pathInBody(error.path)) : error;
}
