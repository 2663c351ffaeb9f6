import { Args, Int, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import {
  Ctx,
  MutationRunner,
  NodeLoader,
  PresignedRequestType,
  projectOfNode,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import { partCount, type Upload } from '../upload.js';
import { findUploads } from '../upload.repository.js';
import { UploadsService } from '../uploads.service.js';
import {
  BeginUploadInput,
  PresignUploadPartsInput,
  PresignUploadPartsPayload,
  UploadInput,
  UploadPayload,
} from './datasets.inputs.js';
import { UploadPartRequestType, UploadPartType, UploadType } from './uploads.types.js';

const PERMISSION = 'datasets:write';

@Resolver(() => UploadType)
export class UploadsResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly uploads: UploadsService,
  ) {}

  @NodeLoader('upl', 'Upload')
  loadUploads(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: 'datasets:read',
      find: (tx) => findUploads(tx, ids),
    });
  }

  @ResolveField(() => Int, { nullable: true, description: 'How many parts there are, of an upload in parts.' })
  partCount(@Parent() { bytes, partBytes }: Upload): number | null {
    return bytes === null || partBytes === null ? null : partCount(bytes, partBytes);
  }

  @ResolveField(() => PresignedRequestType, {
    nullable: true,
    description: 'Sends the whole file; null for an upload in parts, one that is not open, or without datasets:write.',
  })
  singlePut(@Ctx() context: RequestContext, @Parent() upload: Upload) {
    return context.principal.permissions.has(PERMISSION) ? this.uploads.presignSinglePut(upload) : null;
  }

  @ResolveField(() => [UploadPartType], {
    description: 'Parts that have arrived. After a break, send the others; compare hashes to know that they still fit.',
  })
  arrivedParts(@Ctx() context: RequestContext, @Parent() upload: Upload) {
    return this.uploads.arrivedParts(context.scope, upload);
  }

  @Mutation(() => UploadPayload, {
    description:
      'Begins an upload. Up to 16 MiB it is one request, `upload.singlePut`; above, ask presignUploadParts for each part. Then completeUpload. Needs the permission datasets:write.',
  })
  async beginUpload(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What will be sent.' }) input: BeginUploadInput,
  ) {
    const projectId = await projectOfNode(context, input.datasetId);
    const options = { name: 'beginUpload', permission: PERMISSION, projectId, input };
    return this.mutations.run(context, options, async (tx) => ({
      upload: (await this.uploads.begin(tx, { ...input, bytes: Number(input.bytes) })).id,
    }));
  }

  @Mutation(() => PresignUploadPartsPayload, {
    description: 'Gives the requests that send some parts. Ask again for parts whose requests have expired.',
  })
  async presignUploadParts(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'Which parts.' }) input: PresignUploadPartsInput,
  ) {
    const projectId = await projectOfNode(context, input.uploadId);
    const options = { name: 'presignUploadParts', permission: PERMISSION, projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      const upload = await this.uploads.declareParts(tx, input.uploadId, input.parts);
      return { upload: upload.id, partNumbers: input.parts.map((part) => part.partNumber) };
    });
  }

  @Mutation(() => UploadPayload, {
    description:
      'Says that all bytes are sent. They are verified next: ask for the upload until it is COMPLETED, REJECTED, or OPEN again with what is missing.',
  })
  async completeUpload(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'Which upload.' }) input: UploadInput,
  ) {
    const projectId = await projectOfNode(context, input.uploadId);
    const options = { name: 'completeUpload', permission: PERMISSION, projectId, input };
    return this.mutations.run(context, options, async (tx) => ({
      upload: (await this.uploads.complete(tx, input.uploadId)).id,
    }));
  }

  @Mutation(() => UploadPayload, { description: 'Gives an upload up. What was sent is removed.' })
  async abortUpload(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'Which upload.' }) input: UploadInput,
  ) {
    const projectId = await projectOfNode(context, input.uploadId);
    const options = { name: 'abortUpload', permission: PERMISSION, projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.uploads.abort(tx, input.uploadId);
      return { upload: input.uploadId };
    });
  }
}

@Resolver(() => PresignUploadPartsPayload)
export class PresignUploadPartsResolver {
  constructor(private readonly uploads: UploadsService) {}

  /** Signed when they are read: an answer that is given again holds as long as the first did. */
  @ResolveField(() => [UploadPartRequestType], {
    description: 'In the order asked for; empty if nothing was done, or the upload has ended since.',
  })
  parts(@Ctx() context: RequestContext, @Parent() payload: { upload?: string; partNumbers?: number[] }) {
    const { upload, partNumbers } = payload;
    return upload && partNumbers ? this.uploads.presignParts(context.scope, upload, partNumbers) : [];
  }
}
