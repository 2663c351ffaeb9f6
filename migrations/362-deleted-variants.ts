import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineForLab } from './support/functions-for-lab.js';

/** A partner deletes a variant of its own: not while a job of anybody reads it, who may have had it listed. */
export class DeletedVariants1700000000362 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query('GRANT SELECT (inputs) ON compute_jobs TO forkpoint_cluster');
    await defineForLab(q, {
      owner: 'forkpoint_cluster',
      signature: 'object_readers_elsewhere(object_keys text[]) RETURNS int',
      parameter: 'text[]',
      // Only of one's own objects: whoever asks for keys of others is told nothing.
      body: `SELECT count(DISTINCT j.id)::int
        FROM public.compute_jobs j, jsonb_array_elements(j.inputs) input, jsonb_array_elements(input -> 'files') file
        WHERE j.ended_at IS NULL AND j.organization_id <> public.app_organization() AND file ->> 'key' = ANY (object_keys)
          AND starts_with(file ->> 'key', 'org/' || public.app_organization() || '/')`,
    });
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION object_readers_elsewhere(text[])');
    await q.query('REVOKE SELECT (inputs) ON compute_jobs FROM forkpoint_cluster');
  }
}
