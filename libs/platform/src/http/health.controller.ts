import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { Database } from '#platform/database';

/** For whoever supervises the process. */
@Controller('healthz')
export class HealthController {
  constructor(private readonly database: Database) {}

  /** 200 when the process answers and reaches its database. */
  @Get()
  async health(): Promise<{ status: 'ok' }> {
    try {
      await this.database.anonymous('SELECT 1', []);
    } catch (error) {
      throw new ServiceUnavailableException(`the database does not answer: ${(error as Error).message}`);
    }
    return { status: 'ok' };
  }
}
