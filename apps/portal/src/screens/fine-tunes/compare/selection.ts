import type { ComparedJob } from './documents';

export const MOST_JOBS = 20;

/** The jobs that an address names, each once, as many as can be compared. */
export function jobsOf(address: string | undefined): string[] {
  const ids = (address ?? '').split(',').map((id) => id.trim());
  return [...new Set(ids.filter((id) => id !== ''))].slice(0, MOST_JOBS);
}

/** What each job is called beside the others: its suffix, and where that is not its own, the end of its id. */
export function namesOf(jobs: ReadonlyArray<Pick<ComparedJob, 'id' | 'suffix'>>): Map<string, string> {
  const counts = Map.groupBy(jobs, ({ suffix }) => suffix ?? '');
  return new Map(
    jobs.map(({ id, suffix }) => {
      const end = id.slice(-6);
      if (!suffix) return [id, end];
      return [id, (counts.get(suffix)?.length ?? 0) > 1 ? `${suffix} ${end}` : suffix];
    }),
  );
}
