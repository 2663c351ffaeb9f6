import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ComputeHistory, type ComputeMetric } from '#libs/compute';
import type { RegisterResult } from '#libs/datasets';
import { Database, type Scope } from '#platform/database';
import { ObjectStore } from '#platform/storage';

/** OpenAI's names of the columns, and ours of the curves. */
const COLUMNS = {
  train_loss: 'train_loss',
  train_accuracy: 'train_mean_token_accuracy',
  valid_loss: 'valid_loss',
  valid_mean_token_accuracy: 'valid_mean_token_accuracy',
} as const;

/** A job's curves as the CSV file that OpenAI's clients look for in `result_files`. */
@Injectable()
export class ResultFile {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly history: ComputeHistory,
  ) {}

  /** Stores it; written again it is the same bytes under the same key. */
  async write(scope: Scope, job: { id: string; projectId: string; computeJobId: string }): Promise<RegisterResult> {
    const [points = []] = await this.database.read(scope, (tx) => this.history.series(tx, [job.computeJobId]));
    const bytes = Buffer.from(toCsv(points));
    const objectKey = `org/${scope.organizationId}/fine-tune-jobs/${job.id}/step_metrics.csv`;
    await this.store.put(objectKey, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { projectId: job.projectId, filename: 'step_metrics.csv', objectKey, bytes: bytes.length, sha256 };
  }
}

export function toCsv(points: readonly Pick<ComputeMetric, 'name' | 'step' | 'value'>[]): string {
  const steps = [...Map.groupBy(points, (point) => point.step)].sort(([a], [b]) => a - b);
  const rows = steps.map(([step, values]) => {
    const cell = (name: string) => values.find((point) => point.name === name)?.value ?? '';
    return [step, ...Object.values(COLUMNS).map(cell)].join(',');
  });
  return `${[['step', ...Object.keys(COLUMNS)].join(','), ...rows].join('\n')}\n`;
}
