/** A way from values to pixels. */
export interface Scale {
  (value: number): number;
  /** Round values to write beside the axis. */
  ticks: (count: number) => number[];
}

export function linearScale([from, to]: [number, number], [start, end]: [number, number]): Scale {
  const span = to - from || 1;
  const scale = (value: number) => start + ((value - from) / span) * (end - start);
  return Object.assign(scale, { ticks: (count: number) => roundTicks(from, to, count) });
}

/** For what grows by factors; `from` is above zero. */
export function logScale([from, to]: [number, number], [start, end]: [number, number]): Scale {
  const low = Math.log10(from);
  const span = Math.log10(to) - low || 1;
  const scale = (value: number) => start + ((Math.log10(Math.max(from, value)) - low) / span) * (end - start);
  return Object.assign(scale, { ticks: () => powersOfTen(from, to) });
}

function roundTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(1, count);
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? power * 10;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function powersOfTen(from: number, to: number): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index));
}
