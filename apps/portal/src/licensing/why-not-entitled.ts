import type { ResultOf } from '../api';
import type { CheckpointUse } from './documents';

type Use = ResultOf<typeof CheckpointUse>;

/** Why the organization may not; null when it may. */
export function whyNotEntitled(
  { allowedActions, status, unmetConditions, removal }: Use,
  action: Use['allowedActions'][number],
): string | null {
  if (allowedActions.includes(action)) return null;
  if (removal) return 'Its files are gone: it can be looked at, and not used.';
  if (status === 'RETIRED') return 'It is retired: nothing new begins from it. What exists goes on.';
  if (status !== 'PUBLISHED') return 'It is not published yet.';
  const [unmet] = unmetConditions;
  if (unmet) return unmet.message;
  return 'Your organization is not granted this. Ask the lab.';
}
