import type { QueryRunner } from 'typeorm';

/** As 040-catalog.ts says it, but for what else may change of a checkpoint that is published. */
export async function keepCheckpoints(q: QueryRunner, changing: readonly string[]): Promise<void> {
  const columns = changing.map((column) => `'${column}'`).join(', ');
  await q.query(`CREATE OR REPLACE FUNCTION keep_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'draft' THEN RAISE EXCEPTION 'checkpoint % is published and does not change', OLD.id; END IF;
        RETURN OLD;
      END IF;
      IF (NEW.id, NEW.organization_id, NEW.parent_checkpoint_id, NEW.base_checkpoint_id)
         IS DISTINCT FROM (OLD.id, OLD.organization_id, OLD.parent_checkpoint_id, OLD.base_checkpoint_id) THEN
        RAISE EXCEPTION 'the place of checkpoint % in the lineage is fixed', OLD.id;
      END IF;
      IF OLD.status IN ('published', 'retired') AND
         to_jsonb(NEW) - ARRAY[${columns}] IS DISTINCT FROM to_jsonb(OLD) - ARRAY[${columns}] THEN
        RAISE EXCEPTION 'checkpoint % is published and does not change', OLD.id;
      END IF;
      RETURN NEW;
    END $$`);
}
