import { Injectable } from '@nestjs/common';
import { type ComputeOutput, PreparationPreview, PreparationReport } from '#libs/messages';
import { ObjectStore } from '#platform/storage';
import { DATASET_ERRORS } from './datasets.errors.js';
import type { Preparation } from './preparation.js';

const REPORT_PATH = 'report.json';
const PREVIEW_PATH = 'preview.json';

/** Reads what a preparation wrote. */
@Injectable()
export class PreparationOutput {
  constructor(private readonly store: ObjectStore) {}

  /** With all errors that were kept; PostgreSQL holds the first of them. */
  async report(preparation: Preparation): Promise<PreparationReport> {
    return this.readReport(outputOf(preparation));
  }

  async readReport(output: ComputeOutput): Promise<PreparationReport> {
    return PreparationReport.parse(JSON.parse(await this.store.getText(`${output.keyPrefix}${REPORT_PATH}`)));
  }

  /** Rows as the model sees them, with the tokens the loss is taken on. An invalid file has none. */
  async preview(preparation: Preparation): Promise<PreparationPreview['rows']> {
    const { keyPrefix, folder } = outputOf(preparation);
    if (!folder.manifest.files.some((file) => file.path === PREVIEW_PATH)) return [];
    return PreparationPreview.parse(JSON.parse(await this.store.getText(`${keyPrefix}${PREVIEW_PATH}`))).rows;
  }
}

/** What training reads: every file of the manifest, with where it lies. */
export function preparedFiles(preparation: Preparation) {
  const { keyPrefix, folder } = outputOf(preparation);
  return folder.manifest.files.map((file) => ({ ...file, key: `${keyPrefix}${file.path}` }));
}

function outputOf({ output }: Preparation): ComputeOutput {
  if (!output) throw DATASET_ERRORS.PREPARATION_NOT_ENDED();
  return output;
}
