import type { Transaction } from '#platform/database';
import { type Connection, type ConnectionArgs, paginateMany } from '#platform/graphql';
import { type Checkpoint, type CheckpointRow, toCheckpoint } from './checkpoint.js';
import { ofProjects, projectsOf, seenCheckpoints } from './visibility.js';

/** A checkpoint some generations above or below another one; 1 is a parent or a child. */
export interface LineageStep {
  generation: number;
  checkpoint: Checkpoint;
}

type LineageRow = CheckpointRow & { origin_id: string; generation: number };

const toStep = (row: LineageRow): LineageStep => ({ generation: row.generation, checkpoint: toCheckpoint(row) });

/** From the parent up to the first checkpoint that is visible, for each of several checkpoints, in one statement. */
export async function ancestorsOf(tx: Transaction, ids: readonly string[]): Promise<LineageStep[][]> {
  const rows = await tx.query<LineageRow>(
    `WITH RECURSIVE ancestors AS (
       SELECT c.id AS origin_id, 1 AS generation, p.id, p.parent_checkpoint_id
       FROM checkpoints c JOIN checkpoints p ON p.id = c.parent_checkpoint_id
       WHERE c.id = ANY($1) AND ${seenCheckpoints('c')} AND ${seenCheckpoints('p')}
       UNION ALL
       SELECT a.origin_id, a.generation + 1, p.id, p.parent_checkpoint_id
       FROM ancestors a JOIN checkpoints p ON p.id = a.parent_checkpoint_id WHERE ${seenCheckpoints('p')})
     SELECT a.origin_id, a.generation, c.* FROM ancestors a JOIN checkpoints c ON c.id = a.id
     WHERE ${ofProjects('$2')} ORDER BY a.origin_id, a.generation`,
    [[...ids], projectsOf(tx.scope)],
  );
  const byOrigin = Map.groupBy(rows, (row) => row.origin_id);
  return ids.map((id) => (byOrigin.get(id) ?? []).map(toStep));
}

/** What was made from each of several checkpoints, near generations first: a page for each, in one statement. */
export function descendantsOf(
  tx: Transaction,
  ids: readonly string[],
  args: ConnectionArgs,
): Promise<Array<Connection<LineageStep>>> {
  return paginateMany<LineageRow, LineageStep>(tx, ids, 'd.origin_id', {
    from: `(WITH RECURSIVE descendants AS (
              SELECT parent.id AS origin_id, 1 AS generation, c.id FROM checkpoints c
              WHERE c.parent_checkpoint_id = parent.id AND ${seenCheckpoints('c')}
              UNION ALL
              SELECT d.origin_id, d.generation + 1, c.id FROM descendants d JOIN checkpoints c ON c.parent_checkpoint_id = d.id
              WHERE ${seenCheckpoints('c')})
            SELECT * FROM descendants) d JOIN checkpoints c ON c.id = d.id`,
    columns: 'd.origin_id, d.generation, c.*',
    where: [ofProjects('$1')],
    parameters: [projectsOf(tx.scope)],
    orderBy: [
      { column: 'd.generation', type: 'int' },
      { column: 'c.step', type: 'int' },
      { column: 'c.id', type: 'text' },
    ],
    direction: 'ASC',
    args,
    map: toStep,
  });
}
