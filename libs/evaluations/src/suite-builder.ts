import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { DatasetsService, type DatasetVersion } from '#libs/datasets';
import { canonicalJson, DomainError } from '#libs/kernel';
import type { SuiteRow } from '#libs/messages';
import { Database, type Scope } from '#platform/database';
import { ObjectStore, uploadStream } from '#platform/storage';
import { boundedLines } from './bounded-lines.js';
import { EVALUATION_ERRORS } from './evaluations.errors.js';
import { findSuites, finishSuite } from './evaluations.repository.js';
import { type EvaluationSuite, SUITE_LIMITS, type SuiteSource } from './suite.js';
import { isOnSide, parseLine } from './suite-rows.js';

/** Writes a suite's rows where evaluations read them. Done again after a crash, it writes the same bytes. */
@Injectable()
export class SuiteBuilder {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly datasets: DatasetsService,
  ) {}

  async build(scope: Scope, suiteId: string): Promise<void> {
    const [suite] = await this.database.read(scope, (tx) => findSuites(tx, [suiteId]));
    if (suite?.status !== 'building') return;
    const end = await this.write(scope, suite).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      return { problem: { code: error.code, message: error.message } };
    });
    await this.database.transaction(scope, async (tx) => {
      await finishSuite(tx, suiteId, end);
      await this.datasets.release(tx, suiteId);
    });
  }

  private async write(scope: Scope, suite: EvaluationSuite) {
    let rowCount = 0;
    const rows = this.rowsOf(scope, suite.source);
    const encoded = (async function* () {
      for await (const row of rows) {
        rowCount += 1;
        if (rowCount > SUITE_LIMITS.rows) throw EVALUATION_ERRORS.SUITE_TOO_LARGE(SUITE_LIMITS);
        yield Buffer.from(`${canonicalJson(row)}\n`);
      }
      if (rowCount === 0) throw EVALUATION_ERRORS.SUITE_EMPTY();
    })();
    const stored = await uploadStream(this.store, suite.objectKey, encoded, { limitBytes: SUITE_LIMITS.bytes });
    return { rowCount, ...stored };
  }

  private async *rowsOf(scope: Scope, source: SuiteSource): AsyncGenerator<SuiteRow> {
    if (source.type === 'rows') {
      yield* source.rows;
      return;
    }
    const { versionId, split, rowLimit } = source;
    const version = await this.database.read(scope, (tx) => this.datasets.getVersion(tx, versionId));
    let taken = 0;
    for await (const { number, text } of boundedLines(await this.bytesOf(version), SUITE_LIMITS.lineBytes)) {
      if (split && !isOnSide(number, split)) continue;
      if (rowLimit !== null && taken === rowLimit) return;
      taken += 1;
      yield parseLine(text, number);
    }
  }

  private async bytesOf(version: DatasetVersion): Promise<AsyncIterable<Buffer>> {
    const stored = await this.store.getStream(version.objectKey);
    if (version.contentEncoding === 'identity') return stored;
    // Errors of both streams come out of the second.
    return readable(pipeline(stored, createGunzip(), () => undefined));
  }
}

async function* readable(unpacked: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* unpacked;
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error;
    throw EVALUATION_ERRORS.SUITE_UNUSABLE({ problem: 'the file is no whole gzip file.' });
  }
}
