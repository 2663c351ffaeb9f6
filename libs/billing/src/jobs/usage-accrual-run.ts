import { Injectable, Logger } from '@nestjs/common';
import { Database } from '#platform/database';
import { Every } from '#platform/queue';
import { UsageAccrualService } from '../accruals/usage-accrual.service.js';

/** Brings the books of all partners to the usage of the days that have ended. */
@Injectable()
export class UsageAccrualRun {
  private readonly logger = new Logger(UsageAccrualRun.name);

  constructor(
    private readonly database: Database,
    private readonly accruals: UsageAccrualService,
  ) {}

  @Every('1h', 'billing.usage-accrual-run')
  async run(signal?: AbortSignal): Promise<void> {
    for (const open of await this.openContracts()) {
      if (signal?.aborted) return;
      // One contract that can't be accrued must not keep the others from it.
      await this.accruals.accrue(open).catch((error) => this.logger.error(error, `contract ${open.contractId}`));
    }
  }

  private openContracts(): Promise<Array<{ contractId: string; organizationId: string }>> {
    return this.database.as('reconciler', (tx) =>
      tx.query(
        `SELECT DISTINCT i.contract_id AS "contractId", i.organization_id AS "organizationId" FROM invoices i
         WHERE i.state IN ('draft', 'open') ORDER BY 1`,
      ),
    );
  }
}
