import { Controller, Delete, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ModelDeleted } from 'openai/resources/models';
import { VariantDeletionService } from '#libs/catalog';
import type { Principal } from '#platform/graphql';
import { Authenticated, Caller } from '../auth/authenticated.guard.js';
import { Acts, scopeOfCall } from './calls.js';

/** OpenAI's models, as far as the gateway does not answer for them: it lists those that can be called. */
@Controller('v1/models')
@Authenticated()
export class ModelsController {
  constructor(
    private readonly deletion: VariantDeletionService,
    private readonly acts: Acts,
  ) {}

  /** A variant by its name or id. */
  @Delete(':model')
  async delete(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Param('model') model: string,
  ): Promise<ModelDeleted> {
    const call = { caller, scope: scopeOfCall(caller, request), requestId: request.id };
    const act = { name: 'deleteVariant', permission: 'jobs:write', input: { model } };
    const { name } = await this.acts.run(call, act, (tx) => this.deletion.delete(tx, model));
    return { id: name, object: 'model', deleted: true };
  }
}
