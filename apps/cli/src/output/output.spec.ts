import { describe, expect, test } from '@jest/globals';
import { styleFor } from '../terminal.js';
import { chart, sparkline } from './chart.js';
import { formatBytes, formatCount, formatInteger, formatSeconds, formatTime } from './format.js';
import { ByteProgress } from './progress-bar.js';
import { fields, table } from './table.js';
import { tree } from './tree.js';

const plain = styleFor({ isTTY: false }, {});
const coloured = styleFor({ isTTY: true }, {});

describe('what is printed', () => {
  test('numbers', () => {
    expect([0, 1023, 1024, 5 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '5.0 GiB']);
    expect([950, '3999744', 2_500_000_000].map(formatCount)).toEqual(['950', '4.00M', '2.50B']);
    expect([0, 999, 1234567].map(formatInteger)).toEqual(['0', '999', '1,234,567']);
    expect([5, 65, 3_700].map(formatSeconds)).toEqual(['5 s', '1 min 5 s', '1 h 1 min']);
    expect(formatTime('2026-11-23T13:07:09.123Z')).toBe('2026-11-23 13:07Z');
  });

  test('a table lines up whatever its colours, and leaves out columns without a value', () => {
    const rows = [
      { name: 'a', count: '5', nothing: '' },
      { name: coloured.green('long'), count: '1000', nothing: '' },
    ];
    const drawn = table(
      rows,
      [
        { title: 'NAME', value: ({ name }) => name },
        { title: 'NOTHING', value: ({ nothing }) => nothing },
        { title: 'COUNT', value: ({ count }) => count, align: 'right' },
      ],
      plain,
    );
    expect(drawn).toBe(`NAME  COUNT\na         5\n${coloured.green('long')}   1000`);
  });

  test('fields leave out what is not known and indent further lines', () => {
    const entries = [
      ['Name', 'x'],
      ['Lost', null],
      ['Notes', 'one\ntwo'],
    ] as const;
    expect(fields(entries, plain)).toBe('Name   x\nNotes  one\n       two');
  });

  test('a tree', () => {
    const leaf = (name: string) => ({ lines: [name], children: [] });
    const root = {
      lines: ['base', 'how'],
      children: [{ lines: ['one', 'how'], children: [leaf('deep')] }, leaf('two')],
    };
    expect(tree(root, plain).split('\n')).toEqual(['base', '│ how', '├─ one', '│  │ how', '│  └─ deep', '└─ two']);
  });

  test('a curve in a line and in a frame', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([3, 3], 8)).toBe('▁▁');
    const points = Array.from({ length: 50 }, (_, step) => ({ step, value: 1 / (step + 1) }));
    const drawn = chart(points, { columns: 40, rows: 4 }, plain).split('\n');
    expect(drawn).toHaveLength(6);
    // It begins at the top left, falls through two rows in the first column of cells, and ends at the bottom right.
    expect(drawn.slice(0, 3)).toEqual([
      expect.stringMatching(/^ +1 │⡇⠀+$/u),
      expect.stringMatching(/^0\.51 │⢸⠀+$/u),
      expect.stringMatching(/^ +│⠈⠢⡀⠀+$/u),
    ]);
    expect(drawn[3]).toMatch(/^0\.02 │⠀{2}⠈.*⣀$/u);
    expect(drawn[5]).toMatch(/step 0 +49$/);
    expect(chart([], { columns: 40, rows: 4 }, plain)).toBe('no values yet');
  });

  test('bytes per second over the last seconds, without what was there before', () => {
    let now = 0;
    const progress = new ByteProgress(plain, () => now);
    progress.line('data', 1024 ** 2, 4 * 1024 ** 2);
    now = 2;
    expect(progress.line('data', 3 * 1024 ** 2, 4 * 1024 ** 2)).toBe(
      `data ${'━'.repeat(18)}${'─'.repeat(6)}  75%  3.0 MiB of 4.0 MiB, 1.0 MiB/s, 1 s left`,
    );
  });
});
