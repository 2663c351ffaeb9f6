import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, isId } from '#libs/kernel';
import type { MessagePayload } from '#libs/messages';
import { Database, type Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { DatasetsService } from '../datasets.service.js';
import type { Preparation } from '../preparation.js';
import { endPreparation, findPreparations, lockPreparation, type PreparationEnd } from '../preparation.repository.js';
import { PreparationOutput } from '../preparation-output.js';

type ComputeEnd = MessagePayload<'compute.job.ended'>;

/** A preparation ends as its compute job did. */
@Injectable()
export class PreparationHandlers {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly output: PreparationOutput,
    private readonly datasets: DatasetsService,
  ) {}

  @HandlesMessage('compute.job.ended')
  async conclude({ payload }: Message<'compute.job.ended'>, scope: Scope): Promise<void> {
    // A preparation can't be paused; whoever pauses its compute job resumes it.
    if (!isId('prep', payload.ownerId) || payload.outcome === 'paused') return;
    const [preparation] = await this.database.read(scope, (tx) => findPreparations(tx, [payload.ownerId]));
    if (!preparation || !awaits(preparation, payload)) return;
    const end = await this.endOf(payload);
    await this.database.transaction(scope, async (tx) => {
      const current = await lockPreparation(tx, preparation.id);
      if (!current || !awaits(current, payload)) return;
      await endPreparation(tx, current, end);
      await this.datasets.release(tx, current.id);
      const { id: preparationId, versionId, validationVersionId } = current;
      tx.publish({
        type: 'datasets.preparation.ended',
        payload: { preparationId, versionId, validationVersionId, outcome: end.status },
      });
    });
  }

  private async endOf({ outcome, output, error }: ComputeEnd): Promise<PreparationEnd> {
    const at = this.clock.now();
    if (output && (outcome === 'succeeded' || outcome === 'invalid')) {
      const report = await this.output.readReport(output);
      return { status: report.outcome, at, output, report };
    }
    const { code, message } = error ?? { code: outcome, message: `The preparation was ${outcome}.` };
    return { status: 'failed', at, error: { code, message } };
  }
}

/** Not the end of an earlier submission, told again. */
function awaits(preparation: Preparation, { computeJobId }: ComputeEnd): boolean {
  return preparation.status === 'pending' && preparation.computeJobId === computeJobId;
}
