import { canonicalJson, sha256Hex } from '#libs/kernel';
import {
  type ComputeOutput,
  MAX_ERRORS_IN_EVENT,
  type PreparationPolicy,
  type PreparationReport,
  TRAINER_SCHEMA_VERSION,
} from '#libs/messages';
import type { PreparationState } from './preparation.state.js';

/** What training reads: a version (and a validation version) under one tokenizer, template and policy. */
export interface Preparation {
  id: string;
  projectId: string;
  versionId: string;
  validationVersionId: string | null;
  /** The base checkpoint whose tokenizer and template were used; others with equal hashes share the result. */
  checkpointId: string;
  tokenizerSha256: string;
  /** Null where the checkpoint has no template. */
  templateSha256: string | null;
  policy: PreparationPolicy;
  status: PreparationState;
  computeJobId: string | null;
  /** How often it was handed to compute: each time it writes to a folder of its own. */
  submissions: number;
  /** The whole folder that the preparation wrote; every file was read back. */
  output: ComputeOutput | null;
  /** As in report.json, but with the first errors only. */
  report: PreparationReport | null;
  error: PreparationFailure | null;
  createdAt: Date;
  endedAt: Date | null;
}

export interface PreparationFailure {
  code: string;
  message: string;
}

/** The part of the key that the policy and the form of the output make up. */
export function policySha256(policy: PreparationPolicy): string {
  return sha256Hex(canonicalJson({ policy, schemaVersion: TRAINER_SCHEMA_VERSION }));
}

/** What is kept in PostgreSQL of a report: all figures, and as many errors and lines as a summary needs. */
export function headOfReport(report: PreparationReport): PreparationReport {
  return {
    ...report,
    errors: { ...report.errors, kept: report.errors.kept.slice(0, MAX_ERRORS_IN_EVENT) },
    over_long: {
      ...report.over_long,
      lines: report.over_long.lines.slice(0, MAX_ERRORS_IN_EVENT),
      validation_lines: report.over_long.validation_lines.slice(0, MAX_ERRORS_IN_EVENT),
    },
  };
}

const ERRORS_NAMED = 3;

/** "Line 3 (/messages/1/role): ... Fix: ..." for the first errors, and how many more there are. */
export function describeInvalid(report: PreparationReport): string {
  const { kept, total } = report.errors;
  const named = kept.slice(0, ERRORS_NAMED).map(({ source, line, pointer, message, fix }) => {
    const file = source === 'validation' ? 'Validation file, line' : 'Line';
    return `${line === 0 ? 'Whole file' : `${file} ${line}`}${pointer ? ` (${pointer})` : ''}: ${message} Fix: ${fix}`;
  });
  const rest = total - named.length;
  return rest > 0 ? `${named.join(' ')} And ${rest} more.` : named.join(' ');
}
