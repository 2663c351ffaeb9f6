/** A curve: as many y as x, x rising. The same arrays stand for the same curve, so give new ones when it has grown. */
export interface Series {
  id: string;
  label: string;
  x: readonly number[];
  y: ReadonlyArray<number | null>;
  /** Which of the theme's colours; by default those of its place. */
  color?: number;
  /** Single measurements rather than a course. */
  dots?: boolean;
  /** Lengths of dashes and gaps in pixels; whole if left out. */
  dash?: readonly number[];
}

/** All curves over one axis: a row of x, then a row for each curve with gaps where it has no point. */
export type Aligned = [x: number[], ...y: Array<Array<number | null | undefined>>];

export function align(series: readonly Series[]): Aligned {
  const [first, ...others] = series;
  if (!first) return [[]];
  if (others.every(({ x }) => x === first.x || sameNumbers(x, first.x))) {
    return [first.x as number[], ...series.map(({ y }) => y as Array<number | null>)];
  }
  const places = new Map<number, number>();
  const x = [...new Set(series.flatMap((one) => one.x as number[]))].sort((left, right) => left - right);
  x.forEach((value, index) => {
    places.set(value, index);
  });
  const rows = series.map((one) => {
    // undefined is bridged, null is a gap.
    const row = new Array<number | null | undefined>(x.length).fill(undefined);
    one.x.forEach((value, index) => {
      row[places.get(value) ?? 0] = one.y[index] ?? null;
    });
    return row;
  });
  return [x, ...rows];
}

function sameNumbers(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

/** What a curve says at x: the value of its nearest point; null where it has none on both sides. */
export function valueNear({ x, y }: Series, wanted: number): number | null {
  const [first, last] = [x[0], x.at(-1)];
  if (first === undefined || last === undefined || wanted < first || wanted > last) return null;
  return y[nearestIndex(x, wanted)] ?? null;
}

/** The point of a curve nearest to x, by halving. */
export function nearestIndex(x: readonly number[], wanted: number): number {
  let low = 0;
  let high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < wanted) low = middle;
    else high = middle;
  }
  return Math.abs((x[low] ?? 0) - wanted) <= Math.abs((x[high] ?? 0) - wanted) ? low : high;
}
