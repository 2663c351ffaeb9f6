import { z } from 'zod';
import { END_REASONS } from '../usage.state.js';

const tokens = z.int().min(0);
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
  output_tokens: tokens,
  counted_at: instant,
});
export type Count = z.infer<typeof Count>;

/** How a request ended. */
export const Settlement = z.strictObject({
  id: z.string(),
  input_tokens: tokens,
  output_tokens: tokens,
  end_reason: z.enum(END_REASONS),
  /** Null where nothing was streamed. A journal of an earlier version does not know it. */
  first_token_at: instant.nullable().default(null),
  ended_at: instant,
});
export type Settlement = z.infer<typeof Settlement>;

/** What one commit writes. An event is named at most once in a batch, so that its parts need no order among themselves. */
export const UsageBatch = z.strictObject({
  admissions: z.array(Admission),
  counts: z.array(Count),
  settlements: z.array(Settlement),
});
export type UsageBatch = z.infer<typeof UsageBatch>;

/** Applied twice it changes nothing more: rows are inserted once, counts only grow, and what has ended stays as it ended. */
export const WRITE_BATCH = `
  WITH admitted AS (
    INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, model, checkpoint_id, base_checkpoint_id,
                              family_id, deployment_id, revision_id, api_key_id, listing_id, recorder_id, admitted_at)
    SELECT a.id, a.organization_id, a.project_id, 'inference', a.source_id, 'admitted', a.model, a.checkpoint_id,
           a.base_checkpoint_id, a.family_id, a.deployment_id, a.revision_id, a.api_key_id, a.listing_id, a.recorder_id, a.admitted_at
    FROM jsonb_to_recordset($1::jsonb) AS a(
      id text, organization_id text, project_id text, source_id text, model text, checkpoint_id text, base_checkpoint_id text,
      family_id text, deployment_id text, revision_id text, api_key_id text, listing_id text, recorder_id text, admitted_at timestamptz)
    ON CONFLICT (kind, source_id) DO NOTHING
  ), counted AS (
    UPDATE usage_events e
    SET input_tokens = greatest(e.input_tokens, c.input_tokens), output_tokens = greatest(e.output_tokens, c.output_tokens),
        counted_at = greatest(e.counted_at, c.counted_at)
    FROM jsonb_to_recordset($2::jsonb) AS c(id text, input_tokens bigint, output_tokens bigint, counted_at timestamptz)
    WHERE e.id = c.id AND e.state = 'admitted'
  )
  UPDATE usage_events e
  SET state = 'settled', input_tokens = s.input_tokens, output_tokens = s.output_tokens, end_reason = s.end_reason,
      first_token_at = s.first_token_at, ended_at = s.ended_at
  FROM jsonb_to_recordset($3::jsonb) AS s(
    id text, input_tokens bigint, output_tokens bigint, end_reason text, first_token_at timestamptz, ended_at timestamptz)
  WHERE e.id = s.id AND e.state = 'admitted'
  RETURNING e.id`;

export function batchParameters({ admissions, counts, settlements }: UsageBatch): string[] {
  return [JSON.stringify(admissions), JSON.stringify(counts), JSON.stringify(settlements)];
}
