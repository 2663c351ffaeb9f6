import { stripVTControlCharacters } from 'node:util';
import type { Style } from '../terminal.js';

export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  /** Numbers line up at their last digit. */
  align?: 'right';
}

const GAP = '  ';

/** Rows under their titles. Columns without any value are left out. */
export function table<Row>(rows: readonly Row[], columns: ReadonlyArray<Column<Row>>, style: Style): string {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => column.value(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const widths = filled.map(({ title, cells }) => Math.max(width(title), ...cells.map(width)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index]!, filled[index]!.align))
      .join(GAP)
      .trimEnd();
  const head = line(filled.map(({ title }) => style.dim(title)));
  return [head, ...rows.map((_, row) => line(filled.map(({ cells }) => cells[row]!)))].join('\n');
}

/** Names and values below each other; those without a value are left out. */
export function fields(entries: ReadonlyArray<readonly [string, string | null | undefined]>, style: Style): string {
  const known = entries.filter((entry): entry is [string, string] => Boolean(entry[1]));
  const longest = Math.max(0, ...known.map(([name]) => width(name)));
  const indent = ' '.repeat(longest + GAP.length);
  return known
    .map(([name, value]) => `${pad(style.dim(name), longest)}${GAP}${value.replaceAll('\n', `\n${indent}`)}`)
    .join('\n');
}

export function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

export function pad(text: string, length: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, length - width(text)));
  return align === 'right' ? `${space}${text}` : `${text}${space}`;
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
