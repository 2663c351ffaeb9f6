import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';
import type { Span, Spender } from './spend-cap.js';

/** What inference cost one spender in one calendar month. */
export interface InferenceSpend extends Spender {
  /** Any time of the month, UTC. */
  at: Date;
  nanos: bigint;
}

export interface InferenceSpan extends Span {
  organizationId: string;
  /** What became final on record after the one time, null: ever, and not after the other. */
  finalAfter: Date | null;
  finalUntil: Date;
}

export interface InferenceSpendReader {
  /** Of all inference that was admitted in the span and ended, by spender and month, whole nanos. What has no price is left out. */
  spend(tx: Transaction, span: InferenceSpan): Promise<InferenceSpend[]>;
}

/** What was used is usage's to know: it answers here when it starts, since it builds on contracts and not the reverse. */
@Injectable()
export class InferenceSpending {
  private reader: InferenceSpendReader | undefined;

  answeredBy(reader: InferenceSpendReader): void {
    this.reader = reader;
  }

  read(tx: Transaction, span: InferenceSpan): Promise<InferenceSpend[]> {
    if (!this.reader) throw new Error('no library answers for what inference cost: load the usage module');
    return this.reader.spend(tx, span);
  }
}
