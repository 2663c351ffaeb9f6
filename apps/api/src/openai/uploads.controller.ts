import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { UploadPart } from 'openai/resources/uploads/parts';
import type { Upload as OpenAiUpload } from 'openai/resources/uploads/uploads';
import { z } from 'zod';
import {
  type DatasetVersion,
  findVersions,
  readMeaning,
  StreamParts,
  type Upload,
  UploadsService,
} from '#libs/datasets';
import { ProjectService } from '#libs/identity';
import { CLOCK, type Clock, DomainError } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { AUTHORIZER, type Authorizer, type Principal } from '#platform/graphql';
import { Authenticated, Caller } from '../auth/authenticated.guard.js';
import { type Act, Acts, projectOfCall, scopeOfCall } from './calls.js';
import { readPartForm } from './file-form.js';
import { presentPart, presentUpload } from './files.presenter.js';

const CREATE = z.object({
  bytes: z.int(),
  filename: z.string(),
  mime_type: z.string(),
  purpose: z.string(),
  expires_after: z.object({ anchor: z.literal('created_at'), seconds: z.number() }).optional(),
});
const COMPLETE = z.object({ part_ids: z.array(z.string()).min(1).max(10_000), md5: z.string().optional() });

/** OpenAI's uploads: files beyond what one request carries, in parts of up to 64 MB. */
@Controller('v1/uploads')
@Authenticated()
export class UploadsController {
  constructor(
    private readonly database: Database,
    private readonly uploads: UploadsService,
    private readonly parts: StreamParts,
    private readonly projects: ProjectService,
    private readonly acts: Acts,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(200)
  async create(@Caller() caller: Principal, @Req() request: FastifyRequest, @Body() body: unknown) {
    const projectId = projectOfCall(scopeOfCall(caller, request));
    const { filename, bytes, purpose, expires_after } = read(CREATE, body);
    const meaning = readMeaning({ purpose, expiresAfterSeconds: expires_after?.seconds });
    const input = { projectId, filename, bytes, meaning };
    const upload = await this.act(caller, request, { name: 'createUpload', projectId, input: body }, async (tx) => {
      await this.projects.require(tx, projectId);
      return this.uploads.beginStreamParts(tx, input);
    });
    return this.present(upload);
  }

  @Post(':id/parts')
  @HttpCode(200)
  async addPart(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Param('id') uploadId: string,
  ): Promise<UploadPart> {
    // Before the first byte is taken in.
    this.authorizer.authorize(caller, 'datasets:write');
    const scope = scopeOfCall(caller, request);
    const part = await readPartForm(
      request,
      (source) => this.parts.receive(scope, uploadId, source),
      (stored) => this.parts.drop(stored),
    );
    const input = { uploadId, bytes: part.bytes };
    try {
      await this.act(caller, request, { name: 'addUploadPart', input }, (tx) => this.parts.add(tx, uploadId, part));
      return presentPart(part, uploadId);
    } catch (error) {
      await this.parts.drop(part);
      throw error;
    }
  }

  /** Clients repeat a call that got no answer: completing what is completed gives the same file. */
  @Post(':id/complete')
  @HttpCode(200)
  async complete(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Param('id') uploadId: string,
    @Body() body: unknown,
  ): Promise<OpenAiUpload> {
    this.authorizer.authorize(caller, 'datasets:write');
    const scope = scopeOfCall(caller, request);
    const { part_ids: partIds, md5 } = read(COMPLETE, body);
    const find = () => this.database.read(scope, (tx) => this.inParts(tx, uploadId));
    const known = await find();
    if (known.upload.status === 'completed') return this.present(known.upload, known.version);
    const joined = await this.parts.join(scope, { uploadId, partIds, md5 }).catch(async (error: unknown) => {
      // A call at the same time may have been first, and have taken the parts away that this one reads.
      if ((await find()).upload.status !== 'completed') throw error;
      return null;
    });
    if (joined) {
      const act = { name: 'completeUpload', projectId: known.upload.projectId, input: { uploadId, partIds, md5 } };
      await this.act(caller, request, act, (tx) => this.parts.accept(tx, joined));
    }
    const { upload, version } = await find();
    return this.present(upload, version);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Caller() caller: Principal, @Req() request: FastifyRequest, @Param('id') uploadId: string) {
    const upload = await this.act(caller, request, { name: 'cancelUpload', input: { uploadId } }, async (tx) => {
      await this.inParts(tx, uploadId);
      await this.uploads.abort(tx, uploadId);
      return this.uploads.get(tx, uploadId);
    });
    return this.present(upload);
  }

  private act<T extends { id: string }>(
    caller: Principal,
    request: FastifyRequest,
    act: Omit<Act, 'permission'>,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const call = { caller, scope: scopeOfCall(caller, request), requestId: request.id };
    return this.acts.run(call, { ...act, permission: 'datasets:write' }, work);
  }

  /** Uploads that came through GraphQL are not among these. */
  private async inParts(tx: Transaction, id: string): Promise<{ upload: Upload; version?: DatasetVersion }> {
    const upload = await this.uploads.get(tx, id);
    if (upload.method !== 'stream_parts')
      throw new DomainError('UPLOAD_NOT_FOUND', `No upload ${id}.`, { status: 404 });
    const [version] = await findVersions(tx, [upload.versionId]);
    return { upload, version };
  }

  private present(upload: Upload, version?: DatasetVersion): OpenAiUpload {
    return presentUpload(upload, version ?? null, this.clock.now());
  }
}

function read<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const field = path.filter((part) => typeof part !== 'symbol');
  throw new DomainError('INVALID_BODY', `${field.join('.') || 'the body'}: ${message}.`, { path: field });
}
