import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CatalogFixture } from './catalog.fixture.js';
import { ancestorsOf, descendantsOf, type LineageStep } from './lineage.repository.js';

let fixture: CatalogFixture;
let familyId: string;
const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));

beforeAll(async () => {
  fixture = await CatalogFixture.create(clock);
  ({ familyId } = await fixture.family('forge-1'));
});
afterAll(() => fixture?.close());

const SIZE = 8;
const node = fc.nat(SIZE - 1);
/** What a faulty application could try: edges in any order, pairs that point at each other, edges moved. */
const edge = fc.tuple(node, fc.option(node, { freq: 3 }));
/** Foreign keys alone would take it: they are checked when the whole statement is done. */
const ring = fc
  .shuffledSubarray(
    Array.from({ length: SIZE }, (_, index) => index),
    { minLength: 2, maxLength: 3 },
  )
  .map((nodes) => nodes.map((one, index): [number, number] => [one, nodes[(index + 1) % nodes.length]!]));
const attempt = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('insert' as const), edges: ring }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), edges: fc.tuple(edge) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      edges: fc.array(edge, { minLength: 2, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), edges: fc.tuple(edge) }) },
);

type Attempt = { kind: 'insert' | 'move'; edges: Array<[number, number | null]> };

const EDGES = `jsonb_to_recordset($1) AS e(id text, parent text)`;
const MOVE = `UPDATE checkpoints c SET parent_checkpoint_id = e.parent FROM ${EDGES} WHERE c.id = e.id`;
const INSERT = `INSERT INTO checkpoints (id, organization_id, family_id, name, kind, status, parent_checkpoint_id, recipe, base_checkpoint_id,
    step, tokens_seen, license, model_card, created_by, created_at)
  SELECT e.id, $2, $3, 'x-' || e.id, 'base', 'draft', e.parent, '{"method":"none"}', e.id, 0, 0, 'none', '{}', 'x', $4 FROM ${EDGES}`;

/** Whether the database let it happen. */
async function accepts(tx: Transaction, ids: readonly string[], { kind, edges }: Attempt): Promise<boolean> {
  const rows = edges.map(([child, parent]) => ({ id: ids[child], parent: parent === null ? null : ids[parent] }));
  const whole = [JSON.stringify(rows), fixture.lab.organizationId, familyId, clock.now()];
  await tx.query('SAVEPOINT attempt');
  try {
    await (kind === 'move' ? tx.query(MOVE, whole.slice(0, 1)) : tx.query(INSERT, whole));
    return true;
  } catch {
    await tx.query('ROLLBACK TO SAVEPOINT attempt');
    return false;
  }
}

describe('the lineage', () => {
  it('has no cycle, whatever is tried, and reads back as it was written', async () => {
    let [done, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 20, maxLength: 40 }), async (attempts) => {
        const ids = Array.from({ length: SIZE }, () => newId('ckpt'));
        const parents = new Map<string, string | null>();
        await fixture.as(fixture.lab, async (tx) => {
          for (const one of attempts) {
            const accepted = await accepts(tx, ids, one as Attempt);
            expect(one.kind === 'move' && accepted).toBe(false);
            accepted ? done++ : refused++;
            if (accepted)
              for (const [child, parent] of one.edges) parents.set(ids[child]!, parent === null ? null : ids[parent]!);
          }
        });
        const chain = (id: string): string[] => {
          const above: string[] = [];
          for (let next = parents.get(id); next; next = parents.get(next)) {
            expect(above).not.toContain(next);
            above.push(next);
          }
          return above;
        };
        const known = [...parents.keys()];
        const [ancestors, descendants] = await fixture.as(fixture.lab, async (tx) => [
          await ancestorsOf(tx, known),
          await descendantsOf(tx, known, { first: 100 }),
        ]);
        const idsOf = (steps: LineageStep[]) => steps.map((step) => step.checkpoint.id);
        known.forEach((id, position) => {
          expect(idsOf(ancestors[position]!)).toEqual(chain(id));
          const below = known.filter((other) => chain(other).includes(id));
          expect(idsOf(descendants[position]!.nodes).sort()).toEqual(below.sort());
          for (const { generation, checkpoint } of descendants[position]!.nodes)
            expect(chain(checkpoint.id)[generation - 1]).toBe(id);
        });
      }),
      { numRuns: 15 },
    );
    expect(Math.min(done, refused)).toBeGreaterThan(20);
  });
});
