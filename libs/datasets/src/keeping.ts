import { clauseText, daysAfter, type RetentionTerms } from '#libs/contracts';
import type { DatasetVersion } from './dataset.js';

type Kept = Pick<DatasetVersion, 'status' | 'datasetId' | 'createdAt' | 'expiresAt'>;

/**
 * When a version will be deleted, and by what, as agreed on now; null: when somebody does. What is being read by then goes once it is
 * not. Results that the platform wrote are no uploads.
 */
export function keptUntil(
  { status, datasetId, createdAt, expiresAt }: Kept,
  { uploads, content }: RetentionTerms,
): { at: Date; reason: string } | null {
  if (status === 'deleted') return null;
  const ends = [
    ...(expiresAt ? [{ at: expiresAt, reason: 'its own expiry' }] : []),
    ...(uploads && datasetId ? [{ at: daysAfter(createdAt, uploads.days), reason: clauseText(uploads) }] : []),
    ...(content ? [{ at: content.dueAt, reason: clauseText(content.clause) }] : []),
  ];
  return ends.toSorted((one, other) => one.at.getTime() - other.at.getTime())[0] ?? null;
}
