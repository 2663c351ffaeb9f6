export const VARIANT_HOLDERS = ['listing', 'deployment', 'fine_tune_job', 'evaluation_run', 'jobs_of_others'] as const;
export type VariantHolder = (typeof VARIANT_HOLDERS)[number];

/** Something that needs a variant's files. */
export interface VariantHold {
  what: VariantHolder;
  /** Null where the caller does not see it: of a project that is not theirs, or of another organization. */
  id: string | null;
  /** What people call it; null: there is nothing but the id. */
  name: string | null;
  /** 1, but for those that are not seen. */
  count: number;
}

/** As a domain reads them; `isSeen`: whether the scope reaches the project. */
export interface HoldRow {
  id: string;
  name: string | null;
  isSeen: boolean;
}

/** For a statement's columns, of a table with projects: what of an organization's own the scope does not reach is counted, not named. */
export const IS_SEEN = (table: string): string =>
  `(:projects::text[] IS NULL OR ${table}.project_id = ANY(:projects)) AS "isSeen"`;

export function holdsOf(what: VariantHolder, rows: readonly HoldRow[]): VariantHold[] {
  const seen = rows.filter(({ isSeen }) => isSeen).map(({ id, name }) => ({ what, id, name, count: 1 }));
  const count = rows.length - seen.length;
  return count === 0 ? seen : [...seen, { what, id: null, name: null, count }];
}

const MOST_DESCRIBED = 5;

/** What holds it, and what to do about that. */
export function describeHolds(holds: readonly VariantHold[]): string {
  const texts = holds.slice(0, MOST_DESCRIBED).map(describeHold);
  const more = holds.length - texts.length;
  return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

const WAIT = 'wait until it has ended, or cancel it';

function describeHold({ what, id, name, count }: VariantHold): string {
  if (what === 'jobs_of_others') return `${jobs(count)} of other organizations: wait until they have ended`;
  if (id === null) return `${count} ${NOUNS[what]} of projects that you don't reach: ask an administrator`;
  if (what === 'listing') return `the listing ${id} (${name}) offers it: withdraw that`;
  if (what === 'deployment')
    return `the deployment ${name} answers with it: deploy something else there, or delete that`;
  return `${id} reads it: ${WAIT}`;
}

const jobs = (count: number) => (count === 1 ? '1 job' : `${count} jobs`);

const NOUNS: Record<Exclude<VariantHolder, 'jobs_of_others'>, string> = {
  listing: 'listing(s)',
  deployment: 'deployment(s)',
  fine_tune_job: 'fine-tune(s)',
  evaluation_run: 'evaluation(s)',
};
