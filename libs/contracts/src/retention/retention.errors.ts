import { type DomainError, defineErrors } from '#libs/kernel';
import { type Removal, removedBy } from './retention.js';

export const RETENTION_ERRORS = defineErrors('contracts', {
  CONTENT_REMOVED: {
    status: 410,
    message: (p: { subject: string; at: string; by: string }) =>
      `The files of ${p.subject} were removed at ${p.at} by ${p.by}. What is known of it stays.`,
  },
});

/** Whoever asks for bytes is told where they went. */
export function contentRemoved(subject: string, removal: Removal): DomainError {
  return RETENTION_ERRORS.CONTENT_REMOVED({ subject, at: removal.at, by: removedBy(removal) });
}
