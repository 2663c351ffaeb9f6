import { describe, expect, test } from '@jest/globals';
import type { LineagePoint } from './documents';
import { layOut, nearest, neighbour, VARIANTS_SHOWN } from './layout';

const point = (id: string, tokens: number, options: { run?: string; parent?: string } = {}): LineagePoint => ({
  id,
  name: id,
  kind: options.run ? 'BASE' : 'ADAPTER',
  status: 'PUBLISHED',
  step: tokens,
  tokensSeen: String(tokens),
  loss: null,
  parent: options.parent ? { id: options.parent } : null,
  trainingRun: options.run ? { id: options.run, name: options.run, stage: 'PRETRAINING' } : null,
  evaluations: [],
  allowedActions: [],
});

const published = [
  point('late', 4_000, { run: 'pretrain', parent: 'middle' }),
  point('early', 1_000, { run: 'pretrain' }),
  point('middle', 2_000, { run: 'pretrain', parent: 'early' }),
  point('tuned', 4_100, { run: 'sft', parent: 'late' }),
];
const variants = [point('mine', 2_050, { parent: 'middle' }), point('other', 2_060, { parent: 'middle' })];
const layout = layOut({ published, variants, width: 1_000, axis: 'linear' });
const at = (id: string) => layout.nodes.find((node) => node.point.id === id)!;

describe('the river', () => {
  test('runs along the tokens, one lane for each training run', () => {
    expect(layout.lanes.map(({ name }) => name)).toEqual(['pretrain', 'sft']);
    expect(at('early').x).toBeLessThan(at('middle').x);
    expect(at('middle').x).toBeLessThan(at('late').x);
    expect(at('tuned').y).toBeGreaterThan(at('late').y);
  });

  test('of a later run begins where the earlier one was forked', () => {
    expect(layout.lanes[1]?.from).toBe(at('late').x);
    expect(layout.streams.filter(({ variant }) => !variant)).toHaveLength(1);
  });

  test('has own variants forking off above their checkpoint, the newest nearest', () => {
    expect(at('other').y).toBeLessThan(at('middle').y);
    expect(at('mine').y).toBeLessThan(at('other').y);
    expect(layout.streams.filter(({ variant }) => variant).map(({ id }) => id)).toEqual(['other', 'mine']);
  });

  test('does not grow without end', () => {
    const many = Array.from({ length: 30 }, (_, index) => point(`v${index}`, 2_000, { parent: 'middle' }));
    const crowded = layOut({ published, variants: many, width: 1_000, axis: 'linear' });
    const drawn = crowded.nodes.filter(({ variant }) => variant);
    expect(drawn.map(({ point: { id } }) => id)).toEqual(['v9', 'v8', 'v7', 'v6']);
    expect(crowded.rests).toMatchObject([{ id: 'middle', count: 30 - VARIANTS_SHOWN, x: drawn[0]!.x }]);
    expect(crowded.rests[0]!.y).toBeLessThan(drawn.at(-1)!.y);
    expect(layout.rests).toEqual([]);
  });

  test('may give early checkpoints more room', () => {
    const log = layOut({ published, variants, width: 1_000, axis: 'log' });
    const share = (one: typeof layout) => {
      const [early, late] = ['early', 'late'].map((id) => one.nodes.find((node) => node.point.id === id)!.x);
      return early! / late!;
    };
    expect(log.nodes).toHaveLength(layout.nodes.length);
    expect(share(log)).not.toBe(share(layout));
  });
});

describe('arrow keys', () => {
  test.each([
    ['early', 'right', 'middle'],
    ['middle', 'left', 'early'],
    ['early', 'left', undefined],
    ['middle', 'up', 'other'],
    ['other', 'up', 'mine'],
    ['other', 'down', 'middle'],
    ['other', 'right', 'late'],
    ['late', 'down', 'tuned'],
    ['tuned', 'up', 'late'],
  ] as const)('from %s %s lead to %s', (from, direction, to) => {
    expect(neighbour(layout.nodes, at(from), direction)?.point.id).toBe(to);
  });
});

test('the pointer picks what is nearest', () => {
  const { x, y } = at('late');
  expect(nearest(layout.nodes, { x: x - 8, y: y + 5 })?.point.id).toBe('late');
  expect(nearest([], { x, y })).toBeUndefined();
});
