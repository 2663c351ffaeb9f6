import { z } from 'zod';
import { END_REASONS } from '../usage.state.js';

const tokens = z.int().min(0);
/** Of the input tokens. A journal of an earlier version does not know it: then nothing counted them. */
const cachedTokens = tokens.default(0);
const instant = z.iso.datetime();

/** A request that was let in. Written before its first byte leaves. */
export const Admission = z.strictObject({
  id: z.string(),
  organization_id: z.string(),
  project_id: z.string(),
  source_id: z.string(),
  model: z.string(),
  checkpoint_id: z.string(),
  base_checkpoint_id: z.string(),
  family_id: z.string(),
  deployment_id: z.string().nullable(),
  revision_id: z.string().nullable(),
  api_key_id: z.string().nullable(),
  /** By which another partner's variant is used. A journal of an earlier version does not know it. */
  listing_id: z.string().nullable().default(null),
  recorder_id: z.string(),
  admitted_at: instant,
});
export type Admission = z.infer<typeof Admission>;

/** What had been delivered of a running request at a moment. */
export const Count = z.strictObject({
  id: z.string(),
  input_tokens: tokens,
  cached_input_tokens: cachedTokens,
  output_tokens: tokens,
  counted_at: instant,
});
export type Count = z.infer<typeof Count>;

/** How a request ended. */
export const Settlement = z.strictObject({
  id: z.string(),
  input_tokens: tokens,
  cached_input_tokens: cachedTokens,
  output_tokens: tokens,
  end_reason: z.enum(END_REASONS),
  /** Null where nothing was streamed. A journal of an earlier version does not know it. */
  first_token_at: instant.nullable().default(null),
  ended_at: instant,
});
export type Settlement = z.infer<typeof Settlement>;

/** What is written at once. An event is named at most once in a batch, so that its parts need no order among themselves. */
export const UsageBatch = z.strictObject({
  admissions: z.array(Admission),
  counts: z.array(Count),
  settlements: z.array(Settlement),
});
export type UsageBatch = z.infer<typeof UsageBatch>;

/** What an admission sets, in the order of its line for COPY; all of it text but the last. */
const ADMISSION_COLUMNS = [
  ...['id', 'organization_id', 'project_id', 'source_id', 'model', 'checkpoint_id', 'base_checkpoint_id', 'family_id'],
  ...['deployment_id', 'revision_id', 'api_key_id', 'listing_id', 'recorder_id', 'admitted_at'],
] as ReadonlyArray<keyof Admission>;

const INTO = `usage_events (${ADMISSION_COLUMNS.join(', ')}, kind, state)`;

/** Takes lines of `admissionLines`; one that is on record already fails all of them. */
export const COPY_ADMISSIONS = `COPY ${INTO} FROM STDIN`;

/** In COPY's text format. */
export function admissionLines(admissions: readonly Admission[]): string {
  return admissions
    .map((row) => `${ADMISSION_COLUMNS.map((column) => copied(row[column])).join('\t')}\tinference\tadmitted\n`)
    .join('');
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const ESCAPED = /[\\\t\n\r]/;
const EVERY_ESCAPED = new RegExp(ESCAPED, 'g');

function copied(value: string | null): string {
  if (value === null) return '\\N';
  // Hardly any value holds one, and to ask is cheaper than to replace.
  return ESCAPED.test(value) ? value.replace(EVERY_ESCAPED, (character) => ESCAPES[character] as string) : value;
}

/** The same rows as JSON; those that are on record already, by their id or by what they are about, are left as they are. */
export const INSERT_ADMISSIONS = `
  INSERT INTO ${INTO}
  SELECT ${ADMISSION_COLUMNS.map((column) => `a.${column}`).join(', ')}, 'inference', 'admitted'
  FROM jsonb_to_recordset($1::jsonb) AS a(
    ${ADMISSION_COLUMNS.map((column) => `${column} ${column === 'admitted_at' ? 'timestamptz' : 'text'}`).join(', ')})
  ON CONFLICT DO NOTHING`;

/** Applied twice it changes nothing more: counts only grow, and what has ended stays as it ended. */
export const WRITE_CHANGES = `
  WITH counted AS (
    UPDATE usage_events e
    SET input_tokens = greatest(e.input_tokens, c.input_tokens),
        cached_input_tokens = greatest(e.cached_input_tokens, c.cached_input_tokens),
        output_tokens = greatest(e.output_tokens, c.output_tokens), counted_at = greatest(e.counted_at, c.counted_at)
    FROM jsonb_to_recordset($1::jsonb) AS c(
      id text, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, counted_at timestamptz)
    WHERE e.id = c.id AND e.state = 'admitted'
  )
  UPDATE usage_events e
  SET state = 'settled', input_tokens = s.input_tokens, cached_input_tokens = s.cached_input_tokens,
      output_tokens = s.output_tokens, end_reason = s.end_reason, first_token_at = s.first_token_at, ended_at = s.ended_at
  FROM jsonb_to_recordset($2::jsonb) AS s(
    id text, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, end_reason text,
    first_token_at timestamptz, ended_at timestamptz)
  WHERE e.id = s.id AND e.state = 'admitted'
  RETURNING e.id`;

/** Two parts that hold every row of a batch once between them; null for a batch of one row or none. */
export function halvesOf(batch: UsageBatch): [UsageBatch, UsageBatch] | null {
  const rows = batch.admissions.length + batch.counts.length + batch.settlements.length;
  if (rows < 2) return null;
  const middle = Math.ceil(rows / 2);
  return [rowsOf(batch, 0, middle), rowsOf(batch, middle, rows)];
}

/** Some rows of a batch, counted through its parts. */
function rowsOf({ admissions, counts, settlements }: UsageBatch, from: number, to: number): UsageBatch {
  const within = <Row>(rows: readonly Row[], before: number) =>
    rows.slice(Math.max(0, from - before), Math.max(0, to - before));
  return {
    admissions: within(admissions, 0),
    counts: within(counts, admissions.length),
    settlements: within(settlements, admissions.length + counts.length),
  };
}
