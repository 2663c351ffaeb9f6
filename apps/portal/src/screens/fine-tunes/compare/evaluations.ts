import type { ComparedJob, ComparedRun } from './documents';

type Score = NonNullable<ComparedRun['score']>;

/** One suite, and what each job's variant reached in it; in the order of the jobs. */
export interface Evaluation {
  id: string;
  label: string;
  metric: Score['metric'];
  scores: Array<number | null>;
}

/** Of each suite and variant the newest run that succeeded. */
export function evaluationsOf(
  jobs: readonly ComparedJob[],
  runs: ReadonlyMap<string, readonly ComparedRun[]>,
): Evaluation[] {
  const evaluations = new Map<string, Evaluation>();
  jobs.forEach(({ checkpoint }, place) => {
    const ofVariant = checkpoint ? (runs.get(checkpoint.id) ?? []) : [];
    const newestLast = [...ofVariant].sort((one, other) => one.createdAt.localeCompare(other.createdAt));
    for (const { id, suite, score } of newestLast) {
      if (!score) continue;
      const key = suite?.id ?? id;
      const known = evaluations.get(key) ?? {
        id: key,
        label: suite?.name ?? 'a suite that is gone',
        metric: score.metric,
        scores: jobs.map(() => null),
      };
      known.scores[place] = score.score;
      evaluations.set(key, known);
    }
  });
  return [...evaluations.values()].sort((one, other) => one.label.localeCompare(other.label));
}

/** Places of the best score, where there is something to be better than. */
export function bestOf({ metric, scores }: Evaluation): ReadonlySet<number> {
  const known = scores.filter((score) => score !== null);
  const best = metric === 'LOSS' ? Math.min(...known) : Math.max(...known);
  const places = scores.flatMap((score, place) => (score === best ? [place] : []));
  return new Set(places.length === known.length ? [] : places);
}
