import multipart from '@fastify/multipart';
import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { DatasetsModule } from '#libs/datasets';
import { Acts } from './calls.js';
import { FilesController } from './files.controller.js';
import { UploadsController } from './uploads.controller.js';

@Module({
  imports: [DatasetsModule],
  controllers: [FilesController, UploadsController],
  providers: [Acts],
})
export class FilesModule implements OnModuleInit {
  constructor(private readonly adapter: HttpAdapterHost) {}

  /** Forms are read part by part by who wants them; nothing is buffered. */
  async onModuleInit(): Promise<void> {
    await this.adapter.httpAdapter.getInstance<FastifyInstance>().register(multipart);
  }
}
