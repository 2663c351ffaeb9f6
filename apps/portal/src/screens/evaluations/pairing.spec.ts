import { describe, expect, test } from '@jest/globals';
import { comparableWith, inOrder, whyNotComparable } from './pairing';

interface Given {
  checkpoint?: string;
  parent?: string;
  base?: string;
  suite?: string;
  at?: number;
  status?: 'SUCCEEDED' | 'FAILED';
}

const run = (
  id: string,
  { checkpoint = id, parent, base, suite = 'suite', at = 0, status = 'SUCCEEDED' }: Given = {},
) => ({
  id,
  status,
  checkpointName: checkpoint,
  createdAt: new Date(at).toISOString(),
  suite: { id: suite },
  checkpoint: {
    id: checkpoint,
    parent: parent === undefined ? null : { id: parent },
    base: { id: base ?? checkpoint },
  },
});
const idsOf = (runs: Array<{ id: string }>) => runs.map(({ id }) => id);

describe('two runs', () => {
  test('are comparable when both succeeded on one suite', () => {
    expect(whyNotComparable([run('a'), run('b')])).toBeNull();
  });

  test('are not when there are fewer, more, on other suites or without a score', () => {
    expect(whyNotComparable([run('a')])).toMatch(/two runs/);
    expect(whyNotComparable([run('a'), run('b'), run('c')])).toMatch(/two runs/);
    expect(whyNotComparable([run('a'), run('b', { suite: 'other' })])).toMatch(/same suite/);
    expect(whyNotComparable([run('a'), run('b', { status: 'FAILED' })])).toMatch(/succeeded/);
    expect(
      whyNotComparable([
        { ...run('a'), suite: null },
        { ...run('b'), suite: null },
      ]),
    ).toMatch(/same suite/);
  });

  test('stand with what the other was made from first, whenever it ran', () => {
    const base = run('base', { at: 2 });
    const variant = run('variant', { parent: 'base', base: 'base', at: 1 });
    expect(idsOf(inOrder(base, variant))).toEqual(['base', 'variant']);
    expect(idsOf(inOrder(variant, base))).toEqual(['base', 'variant']);
  });

  test('that do not descend from each other stand by age', () => {
    expect(idsOf(inOrder(run('new', { at: 2 }), run('old', { at: 1 })))).toEqual(['old', 'new']);
  });
});

describe('what a run is compared with', () => {
  const variant = run('variant', { parent: 'step', base: 'base' });

  test('is what it was forked from, else its base, else the newest', () => {
    const others = [run('newest', { at: 9 }), run('base', { at: 1 }), run('step', { parent: 'base', base: 'base' })];
    expect(idsOf(comparableWith(variant, others))).toEqual(['step', 'base', 'newest']);
  });

  test('is not itself, not what failed, not another suite', () => {
    const others = [variant, run('failed', { status: 'FAILED' }), run('other', { suite: 'other' })];
    expect(comparableWith(variant, others)).toEqual([]);
  });

  test('of a base is not another run on the same base first', () => {
    const others = [run('again', { checkpoint: 'base', at: 1 }), run('variant', { parent: 'base', at: 2 })];
    expect(idsOf(comparableWith(run('base'), others))).toEqual(['variant', 'again']);
  });
});
