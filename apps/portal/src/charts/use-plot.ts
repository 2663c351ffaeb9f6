import { type RefObject, useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useShownTheme } from '../app';
import { readColors } from './colors';
import { type Axis, type ChartMark, plotOptions } from './plot-options';
import { type Aligned, align, nearestIndex, type Series } from './series';

interface PlotInput {
  host: RefObject<HTMLDivElement | null>;
  series: readonly Series[];
  hidden: ReadonlySet<string>;
  x: Axis;
  y: Axis;
  marks: readonly ChartMark[];
  height: number;
  syncKey?: string;
  onCursor: (index: number | null) => void;
  /** Null: all of it is in view. */
  onView: (range: [number, number] | null) => void;
}

export interface PlotControls {
  data: Aligned;
  /** Makes the part in view smaller (below 1) or larger around the cursor. */
  zoom: (factor: number) => void;
  /** By a share of what is in view. */
  pan: (share: number) => void;
  showAll: () => void;
  /** By points, over those in view. */
  moveCursor: (points: number) => void;
  hideCursor: () => void;
}

/** Keeps a uPlot in step with its input: remade when its shape changes, fed when only its points do. */
export function usePlot(input: PlotInput): PlotControls {
  const { host, series, hidden, x, y, marks, height, syncKey } = input;
  const theme = useShownTheme();
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(input);
  latest.current = input;
  const data = useMemo(() => align(series), [series]);
  const dataNow = useRef(data);
  dataNow.current = data;
  /** What was zoomed to; null follows the data as it grows. */
  const view = useRef<[number, number] | null>(null);
  const shape = JSON.stringify([
    series.map(({ id, color, dots, dash }) => [id, color, dots, dash]),
    [...hidden],
    y.logarithmic,
    height,
    syncKey,
  ]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: remade for another shape or theme; the rest is read when it is needed.
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const { onCursor, onView } = {
      onCursor: (index: number | null) => latest.current.onCursor(index),
      onView: ([from, to]: [number, number]) => {
        const [first, last] = extent(dataNow.current[0]);
        const whole = from <= first && to >= last;
        view.current = whole ? null : [from, to];
        latest.current.onView(view.current);
      },
    };
    const width = Math.max(120, element.clientWidth);
    const options = plotOptions({ ...latest.current, x, y, width, colors: readColors(element), onCursor, onView });
    const made = new uPlot(options, dataNow.current as uPlot.AlignedData, element);
    plot.current = made;
    if (view.current) made.setScale('x', { min: view.current[0], max: view.current[1] });
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(120, element.clientWidth), height }));
    observer.observe(element);
    const onWheel = (event: WheelEvent) => turnWheel(event, made, controlsOf(plot, dataNow));
    made.over.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, theme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: marks are drawn together with the points.
  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    made.batch(() => {
      made.setData(data as uPlot.AlignedData, view.current === null);
      if (view.current) made.setScale('x', { min: view.current[0], max: view.current[1] });
    });
    // The same place is another point of other data.
    const { left, top } = made.cursor;
    if (typeof left === 'number' && typeof top === 'number' && left >= 0) made.setCursor({ left, top });
  }, [data, marks]);

  return useMemo(() => ({ data, ...controlsOf(plot, dataNow) }), [data]);
}

function controlsOf(plot: RefObject<uPlot | null>, data: RefObject<Aligned>): Omit<PlotControls, 'data'> {
  const range = (): [number, number] => {
    const { min, max } = plot.current?.scales['x'] ?? {};
    return [min ?? 0, max ?? 1];
  };
  const show = (from: number, to: number) => {
    const [first, last] = extent(data.current[0]);
    const width = Math.min(to - from, last - first);
    const start = Math.min(Math.max(first, from), last - width);
    plot.current?.setScale('x', { min: start, max: start + width });
  };
  return {
    zoom: (factor) => {
      const [from, to] = range();
      const index = plot.current?.cursor.idx;
      const centre = typeof index === 'number' ? (data.current[0][index] ?? (from + to) / 2) : (from + to) / 2;
      show(centre - (centre - from) * factor, centre + (to - centre) * factor);
    },
    pan: (share) => {
      const [from, to] = range();
      show(from + (to - from) * share, to + (to - from) * share);
    },
    showAll: () => show(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    moveCursor: (points) => {
      const made = plot.current;
      const x = data.current[0];
      if (!made || x.length === 0) return;
      const [from, to] = range();
      const lowest = nearestIndex(x, from);
      const highest = nearestIndex(x, to);
      const current = made.cursor.idx ?? (points > 0 ? lowest - 1 : highest + 1);
      const index = Math.min(highest, Math.max(lowest, current + points));
      made.setCursor({ left: made.valToPos(x[index] ?? 0, 'x'), top: made.bbox.height / devicePixelRatio / 2 });
    },
    hideCursor: () => plot.current?.setCursor({ left: -10, top: -10 }),
  };
}

const WHEEL_ZOOM = 0.002;

/** Sideways (or with Shift) it pans, with Ctrl it zooms, as a pinch does; else it scrolls the page as everywhere. */
function turnWheel(event: WheelEvent, plot: uPlot, { pan, zoom }: Pick<PlotControls, 'pan' | 'zoom'>): void {
  const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
  if (event.ctrlKey) zoom(Math.exp(event.deltaY * WHEEL_ZOOM));
  else if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) pan(sideways / plot.over.clientWidth);
  else return;
  event.preventDefault();
}

function extent(x: readonly number[]): [number, number] {
  return [x[0] ?? 0, x.at(-1) ?? 1];
}
