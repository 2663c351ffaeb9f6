import type { Style } from '../terminal.js';
import { formatNumber } from './format.js';
import { pad } from './table.js';

export interface Point {
  step: number;
  value: number;
}

const BARS = '▁▂▃▄▅▆▇█';
/** Where the dots of a braille cell lie in its code, by row and column. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const BLANK_BRAILLE = 0x2800;

/** A curve in one line: each bar is the mean of the values that fall into it. */
export function sparkline(values: readonly number[], cells: number): string {
  const finite = values.filter(Number.isFinite);
  const means = buckets(finite, Math.min(cells, finite.length));
  const [lowest, highest] = [Math.min(...means), Math.max(...means)];
  const height = highest - lowest;
  return means
    .map((mean) => BARS[height === 0 ? 0 : Math.round(((mean - lowest) / height) * (BARS.length - 1))])
    .join('');
}

/** A curve with its axes. */
export function chart(points: readonly Point[], size: { columns: number; rows: number }, style: Style): string {
  const finite = points.filter(({ value }) => Number.isFinite(value));
  if (finite.length === 0) return style.dim('no values yet');
  const values = finite.map(({ value }) => value);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const labels = axisLabels(lowest, highest, size.rows);
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const columns = Math.max(10, size.columns - labelWidth - 2);
  const lines = braille(finite, { columns, rows: size.rows, lowest, highest });
  const [first, last] = [finite[0]!.step, finite.at(-1)!.step];
  const axis = `${pad(`step ${first}`, columns - String(last).length)}${last}`;
  return [
    ...lines.map((line, row) => `${style.dim(`${pad(labels[row]!, labelWidth, 'right')} │`)}${style.cyan(line)}`),
    style.dim(`${' '.repeat(labelWidth)} └${'─'.repeat(columns)}`),
    style.dim(`${' '.repeat(labelWidth)}  ${axis}`),
  ].join('\n');
}

interface Frame {
  columns: number;
  rows: number;
  lowest: number;
  highest: number;
}

function braille(points: readonly Point[], { columns, rows, lowest, highest }: Frame): string[] {
  const cells = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  const [width, height] = [columns * 2 - 1, rows * 4 - 1];
  const [first, last] = [points[0]!.step, points.at(-1)!.step];
  const at = ({ step, value }: Point) => ({
    x: last === first ? 0 : Math.round(((step - first) / (last - first)) * width),
    y: highest === lowest ? height : Math.round(((highest - value) / (highest - lowest)) * height),
  });
  const dot = (x: number, y: number) => {
    const row = cells[y >> 2]!;
    row[x >> 1] = row[x >> 1]! | DOTS[y & 3]![x & 1]!;
  };
  points.map(at).forEach((to, index, all) => {
    const from = all[index - 1] ?? to;
    const length = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
    for (let part = 0; part <= length; part++) {
      dot(
        Math.round(from.x + ((to.x - from.x) * part) / length),
        Math.round(from.y + ((to.y - from.y) * part) / length),
      );
    }
  });
  return cells.map((row) => String.fromCodePoint(...row.map((dots) => BLANK_BRAILLE + dots)));
}

/** The highest value above, the lowest below, the middle between them. */
function axisLabels(lowest: number, highest: number, rows: number): string[] {
  const labels = new Array<string>(rows).fill('');
  labels[Math.floor((rows - 1) / 2)] = formatNumber((lowest + highest) / 2, 3);
  labels[rows - 1] = formatNumber(lowest, 3);
  labels[0] = formatNumber(highest, 3);
  return labels;
}

function buckets(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * values.length) / count);
    const part = values.slice(start, Math.max(start + 1, Math.floor(((index + 1) * values.length) / count)));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
