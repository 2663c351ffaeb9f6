import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock, DAY_MILLISECONDS, DomainError } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { billingScope } from '../billing-scope.js';
import { type BillingExport, type ExportFailure, type ExportKind, keyOfFile } from './billing-export.js';
import { expiredBy, markExpired, markFailed, markReady, markRows, markRunning } from './billing-export.repository.js';
import { type Cell, csvOf } from './csv.js';
import { JOURNAL_COLUMNS, journalCells } from './journal-file.js';
import { inChunks, LARGEST_BYTES, storeFile } from './stored-file.js';
import { USAGE_COLUMNS, usageCells } from './usage-file.js';

/** Then it is given up. */
export const MOST_ATTEMPTS = 3;
const KEPT_DAYS = 7;
const ROWS_AT_A_TIME = 1_000;
/** How often whoever waits is told how far it is. */
const ROWS_BETWEEN_TELLING = 10_000n;

interface Content {
  columns: readonly string[];
  cells: (tx: Transaction, asked: BillingExport) => AsyncIterable<Cell[]>;
}

const CONTENTS: Record<ExportKind, Content> = {
  usage: { columns: USAGE_COLUMNS, cells: usageCells },
  journal: { columns: JOURNAL_COLUMNS, cells: journalCells },
};

/** Makes files that were asked for, and deletes them when they have been kept long enough. */
@Injectable()
export class ExportMaker {
  private readonly logger = new Logger(ExportMaker.name);

  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * In the scope of the organization that asked: it gets what it may see. Begun anew it starts from the first row. What fails is
   * tried again by whoever called, until the last attempt, which is recorded as the end of it.
   */
  async make(scope: Scope, id: string, { attempt = 1, limitBytes = LARGEST_BYTES } = {}): Promise<void> {
    const asked = await this.database.transaction(scope, (tx) => markRunning(tx, id));
    if (!asked) return;
    // A worker that died with it got no chance to say so.
    if (attempt > MOST_ATTEMPTS) return this.fail(scope, id, 'interrupted');
    try {
      await this.finish(scope, asked, limitBytes);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'interrupted' && attempt < MOST_ATTEMPTS) throw error;
      this.logger.error(error, `export ${id}`);
      await this.fail(scope, id, failure);
    }
  }

  /** Of all organizations; one whose object can't be deleted now is tried again the next time. */
  async expire(signal?: AbortSignal): Promise<void> {
    const over = await this.database.as('reconciler', (tx) => expiredBy(tx, this.clock.now()));
    for (const { id, organizationId } of over) {
      if (signal?.aborted) return;
      await this.remove(organizationId, id).catch((error) => this.logger.error(error, `export ${id}`));
    }
  }

  private async finish(scope: Scope, asked: BillingExport, limitBytes: number): Promise<void> {
    let rows = 0n;
    const tell = (written: bigint): Promise<void> => {
      rows = written;
      return this.database.transaction(scope, (tx) => markRows(tx, asked.id, written));
    };
    const stored = await storeFile(this.store, keyOfFile(asked), {
      limitBytes,
      contentType: 'text/csv; charset=utf-8',
      write: (file) => this.database.read(scope, (tx) => writeCsv(tx, asked, { file, tell })),
    });
    const at = this.clock.now();
    const expiresAt = new Date(at.getTime() + KEPT_DAYS * DAY_MILLISECONDS);
    await this.database.transaction(scope, (tx) => markReady(tx, asked.id, { ...stored, rows, at, expiresAt }));
  }

  private fail(scope: Scope, id: string, failure: ExportFailure): Promise<void> {
    return this.database.transaction(scope, (tx) => markFailed(tx, id, failure, this.clock.now()));
  }

  /** The object first: as long as it is there, its row says so. */
  private async remove(organizationId: string, id: string): Promise<void> {
    await this.store.deleteAll(`org/${organizationId}/exports/${id}/`);
    await this.database.transaction(billingScope(organizationId), (tx) => markExpired(tx, id));
  }
}

interface Writing {
  file: string;
  /** How many rows there are by now; of the whole file at last. */
  tell: (rows: bigint) => Promise<void>;
}

async function writeCsv(tx: Transaction, asked: BillingExport, { file, tell }: Writing): Promise<void> {
  await pipeline(inChunks(csvLines(tx, asked, tell)), createWriteStream(file));
}

async function* csvLines(tx: Transaction, asked: BillingExport, tell: Writing['tell']): AsyncGenerator<string> {
  const { columns, cells } = CONTENTS[asked.kind];
  yield csvOf([columns]);
  let rows = 0n;
  let page: Cell[][] = [];
  for await (const row of cells(tx, asked)) {
    page.push(row);
    rows += 1n;
    if (rows % ROWS_BETWEEN_TELLING === 0n) await tell(rows);
    if (page.length < ROWS_AT_A_TIME) continue;
    yield csvOf(page);
    page = [];
  }
  yield csvOf(page);
  await tell(rows);
}

function failureOf(error: unknown): ExportFailure {
  return error instanceof DomainError && error.code === 'OBJECT_TOO_LARGE' ? 'too_large' : 'interrupted';
}
