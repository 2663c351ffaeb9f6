import type uPlot from 'uplot';
import type { ChartColors } from './colors';
import { SERIES_COLORS } from './colors';
import type { Series } from './series';

export interface Axis {
  label: string;
  /** With its unit where it stands alone; axis ticks use `tick`. */
  format: (value: number) => string;
  tick?: (value: number) => string;
  logarithmic?: boolean;
  /** The shortest part that can be zoomed to: closer there is nothing to see, and lines would be drawn for miles. */
  shortest?: number;
}

/** A place on the x axis worth knowing: a saved checkpoint, a resume. */
export interface ChartMark {
  x: number;
  label: string;
}

interface PlotParts {
  width: number;
  height: number;
  series: readonly Series[];
  hidden: ReadonlySet<string>;
  x: Axis;
  y: Axis;
  marks: readonly ChartMark[];
  colors: ChartColors;
  syncKey?: string;
  onCursor: (index: number | null) => void;
  onView: (range: [number, number]) => void;
}

const FONT = '12px ui-sans-serif, system-ui, sans-serif';
const MINIMUM_DRAG_PIXELS = 6;
const WIDE_AXIS_PIXELS = 56;
const MANY_POINTS = 60;

export function colorOf(series: Series, index: number, colors: ChartColors): string {
  return colors.series[(series.color ?? index) % SERIES_COLORS] ?? colors.ink;
}

export function plotOptions(parts: PlotParts): uPlot.Options {
  const { width, height, series, hidden, x, y, colors, syncKey } = parts;
  // A line of one pixel is drawn in a fraction of the time, and of so many more can be told apart.
  const isCrowded = series.length > SERIES_COLORS;
  const axis = { stroke: colors.ink, font: FONT, grid: { stroke: colors.line, width: 1 }, ticks: { show: false } };
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    scales: {
      x: { time: false, range: (plot, from, to) => longEnough(plot, x.shortest ?? 0, from, to) },
      y: { distr: y.logarithmic ? 3 : 1 },
    },
    cursor: {
      drag: { x: true, y: false, dist: MINIMUM_DRAG_PIXELS, setScale: true },
      points: { size: 7 },
      ...(syncKey ? { sync: { key: syncKey } } : {}),
    },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map(x.tick ?? x.format), size: 30, gap: 4 },
      {
        ...axis,
        values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : (y.tick ?? y.format)(tick))),
        size: WIDE_AXIS_PIXELS,
        gap: 6,
      },
    ],
    series: [
      {},
      ...series.map((one, index): uPlot.Series => {
        const stroke = colorOf(one, index, colors);
        return {
          label: one.label,
          show: !hidden.has(one.id),
          stroke,
          width: one.dots || isCrowded ? 1 : 1.75,
          spanGaps: false,
          ...(one.dash ? { dash: [...one.dash] } : {}),
          points: one.dots
            ? { show: true, size: 6, fill: stroke, stroke: colors.surface }
            : { show: one.x.length < MANY_POINTS && one.x.length < 3, size: 5, fill: stroke },
        };
      }),
    ],
    hooks: {
      setCursor: [(plot) => parts.onCursor(plot.cursor.idx ?? null)],
      setScale: [
        (plot, key) => {
          const { min, max } = plot.scales['x'] ?? {};
          if (key === 'x' && typeof min === 'number' && typeof max === 'number') parts.onView([min, max]);
        },
      ],
      drawClear: [(plot) => drawMarks(plot, parts.marks, colors)],
    },
  };
}

/** Around the same centre, as long as may be seen at the least; curves that are shorter are seen whole. */
function longEnough({ data: [x] }: uPlot, shortest: number, from: number, to: number): [number, number] {
  const least = Math.min(shortest, (x.at(-1) ?? 0) - (x[0] ?? 0));
  const missing = Math.max(0, least - (to - from)) / 2;
  return missing > 0 ? [from - missing, to + missing] : [from, to];
}

function drawMarks(plot: uPlot, marks: readonly ChartMark[], colors: ChartColors): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colors.ink;
  ctx.globalAlpha = 0.5;
  ctx.setLineDash([3, 4]);
  for (const { x } of marks) {
    const left = plot.valToPos(x, 'x', true);
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
