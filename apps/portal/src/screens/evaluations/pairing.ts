import type { ListedRun } from '../../evaluation';

type Pairable = Pick<ListedRun, 'id' | 'status' | 'createdAt' | 'checkpointName'> & {
  suite: { id: string } | null;
  checkpoint: { id: string; parent: { id: string } | null; base: { id: string } | null } | null;
};

/** Why the runs that were chosen can not be compared; null when they can. */
export function whyNotComparable(runs: readonly Pairable[]): string | null {
  const [first, second] = runs;
  if (!first || !second || runs.length > 2) return 'Select two runs of one suite.';
  if (first.status !== 'SUCCEEDED' || second.status !== 'SUCCEEDED') return 'Both runs have to have succeeded.';
  if (!first.suite || first.suite.id !== second.suite?.id) return 'Only runs of the same suite can be compared.';
  return null;
}

/** What came first is what is compared with: the checkpoint that the other was made from, else the older run. */
export function inOrder<Run extends Pairable>(left: Run, right: Run): [baseline: Run, candidate: Run] {
  const [leftOrigins, rightOrigins] = [originsOf(left), originsOf(right)];
  if (left.checkpoint && rightOrigins.includes(left.checkpoint.id)) return [left, right];
  if (right.checkpoint && leftOrigins.includes(right.checkpoint.id)) return [right, left];
  return left.createdAt <= right.createdAt ? [left, right] : [right, left];
}

/** The others of its suite that it can be compared with: first those on what its checkpoint was made from, then the newest. */
export function comparableWith<Run extends Pairable>(run: Pairable, others: readonly Run[]): Run[] {
  const origins = originsOf(run);
  const rank = ({ checkpoint }: Run) => {
    const place = checkpoint ? origins.indexOf(checkpoint.id) : -1;
    return place === -1 ? origins.length : place;
  };
  return others
    .filter((other) => other.id !== run.id && whyNotComparable([run, other]) === null)
    .sort((left, right) => rank(left) - rank(right) || right.createdAt.localeCompare(left.createdAt));
}

/** Nearest first: what it was forked from, then what it is served on. */
function originsOf({ checkpoint }: Pairable): string[] {
  if (!checkpoint) return [];
  const ids = [checkpoint.parent?.id, checkpoint.base?.id];
  return [...new Set(ids.filter((id): id is string => id !== undefined && id !== checkpoint.id))];
}
