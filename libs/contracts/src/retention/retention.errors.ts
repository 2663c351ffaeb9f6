import { type DomainError, defineErrors } from '#libs/kernel';
import { clauseText, type Removal } from './retention.js';

export const RETENTION_ERRORS = defineErrors('contracts', {
  CONTENT_REMOVED: {
    status: 410,
    message: (p: { subject: string; at: string; clause: string }) =>
      `The files of ${p.subject} were removed at ${p.at}: ${p.clause}. What is known of it stays.`,
  },
});

/** Whoever asks for bytes is told where they went. */
export function contentRemoved(subject: string, removal: Removal): DomainError {
  return RETENTION_ERRORS.CONTENT_REMOVED({ subject, at: removal.at, clause: clauseText(removal) });
}
