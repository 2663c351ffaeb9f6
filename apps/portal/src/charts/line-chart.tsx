import { Maximize2, Table2, TrendingUp } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { IconButton } from '../ui';
import { classNames } from '../ui/class-names';
import { ChartTable } from './chart-table';
import { SERIES_COLORS } from './colors';
import type { Axis, ChartMark } from './plot-options';
import { type Series, valueNear } from './series';
import { type PlotControls, usePlot } from './use-plot';

interface LineChartProps {
  /** What it shows, in a few words. */
  label: string;
  /** A stable array for the same curves: `useMemo` it. */
  series: readonly Series[];
  x: Axis;
  y: Axis;
  marks?: readonly ChartMark[];
  height?: number;
  /** Charts of one key share their cursor. */
  syncKey?: string;
  /** Another part of the axis is in view (null: all of it): where the server thinned the curve, ask for more of it. */
  onViewChange?: (range: [number, number] | null) => void;
}

const NO_MARKS: readonly ChartMark[] = [];
const KEYS_HELP =
  'Arrow keys move along the curve, with Shift by a tenth of the view; plus and minus zoom, Page Up and Page Down pan, 0 shows all.';

/** Curves: drag to zoom, wheel sideways to pan, double-click or 0 for all of it, the same by keys; and a table that says the same. */
export function LineChart(props: LineChartProps) {
  const { label, series, x, y, marks = NO_MARKS, height = 240, syncKey, onViewChange } = props;
  const host = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number | null>(null);
  const [view, setView] = useState<[number, number] | null>(null);
  const changeView = (range: [number, number] | null) => {
    setView(range);
    onViewChange?.(range);
  };
  const plot = usePlot({ host, series, hidden, x, y, marks, height, syncKey, onCursor: setCursor, onView: changeView });
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };

  return (
    <figure className="flex min-w-0 flex-col gap-2" aria-label={label}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <Legend {...{ series, hidden, cursor, y }} data={plot.data} onToggle={toggle} />
        {/* Right, on a line of its own too: the buttons stay where they are when the text before them changes. */}
        <div className="ml-auto flex items-center gap-1">
          <span className="text-sm text-ink-faint">
            {cursor !== null && plot.data[0][cursor] !== undefined
              ? `${x.label} ${x.format(plot.data[0][cursor])}`
              : x.label}
          </span>
          {view && <IconButton icon={Maximize2} label="Show all of it" onClick={plot.showAll} />}
          <IconButton
            icon={asTable ? TrendingUp : Table2}
            label={asTable ? 'Show as chart' : 'Show as table'}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          />
        </div>
      </div>
      {asTable && <ChartTable caption={label} data={plot.data} {...{ series, view, x, y }} />}
      <div hidden={asTable}>
        {/* biome-ignore lint/a11y/useSemanticElements: a chart has no element of its own. */}
        <div
          ref={host}
          role="group"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the curve is read by arrow keys.
          tabIndex={0}
          aria-label={`${label}. ${KEYS_HELP}`}
          onKeyDown={(event) => onChartKey(event, plot)}
          onBlur={plot.hideCursor}
          className="min-w-0 rounded-sm"
          style={{ minHeight: height }}
        />
      </div>
      <p role="status" className="sr-only">
        {cursor !== null && spoken(cursor, { series, hidden, data: plot.data, x, y, marks })}
      </p>
    </figure>
  );
}

type KeyAction = (plot: PlotControls, shift: boolean) => void;

const by =
  (points: 1 | -1): KeyAction =>
  (plot, shift) =>
    plot.moveCursor(points * (shift ? Math.max(1, Math.round(plot.data[0].length / 10)) : 1));
const KEY_ACTIONS: ReadonlyMap<string, KeyAction> = new Map<string, KeyAction>([
  ['ArrowLeft', by(-1)],
  ['ArrowRight', by(1)],
  ['Home', (plot) => plot.moveCursor(-plot.data[0].length)],
  ['End', (plot) => plot.moveCursor(plot.data[0].length)],
  ['+', (plot) => plot.zoom(0.5)],
  ['=', (plot) => plot.zoom(0.5)],
  ['-', (plot) => plot.zoom(2)],
  ['PageUp', (plot) => plot.pan(-0.5)],
  ['PageDown', (plot) => plot.pan(0.5)],
  ['0', (plot) => plot.showAll()],
  ['Escape', (plot) => plot.showAll()],
]);

function onChartKey(event: KeyboardEvent, plot: PlotControls): void {
  const action = KEY_ACTIONS.get(event.key);
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action(plot, event.shiftKey);
}

interface LegendProps {
  series: readonly Series[];
  hidden: ReadonlySet<string>;
  data: PlotControls['data'];
  cursor: number | null;
  y: Axis;
  onToggle: (id: string) => void;
}

/** Which line is which, its value at the cursor, and a switch for each. */
function Legend({ series, hidden, data, cursor, y, onToggle }: LegendProps) {
  const at = cursor === null ? undefined : data[0][cursor];
  return (
    <ul className="flex min-w-0 flex-wrap gap-x-4 gap-y-1">
      {series.map((one, index) => {
        const value = at === undefined ? null : valueNear(one, at);
        return (
          <li key={one.id}>
            <button
              type="button"
              aria-pressed={!hidden.has(one.id)}
              onClick={() => onToggle(one.id)}
              className={classNames(
                'flex items-center gap-1.5 rounded-sm text-sm hover:text-ink',
                hidden.has(one.id) ? 'text-ink-faint line-through' : 'text-ink-soft',
              )}
            >
              <Swatch series={one} index={index} />
              {one.label}
              <span className="min-w-12 text-left text-ink">{value === null ? '' : y.format(value)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Swatch({ series: { color, dash }, index }: { series: Series; index: number }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 20 4"
      className={classNames('h-1 w-5 shrink-0', SWATCHES[(color ?? index) % SERIES_COLORS])}
    >
      <line x1="0" y1="2" x2="20" y2="2" stroke="currentColor" strokeWidth="3" strokeDasharray={dash?.join(' ')} />
    </svg>
  );
}

const SWATCHES = [
  'text-series-1',
  'text-series-2',
  'text-series-3',
  'text-series-4',
  'text-series-5',
  'text-series-6',
  'text-series-7',
  'text-series-8',
] as const;

interface SpokenParts extends Pick<LegendProps, 'series' | 'hidden' | 'data' | 'y'> {
  x: Axis;
  marks: readonly ChartMark[];
}

function spoken(cursor: number, { series, hidden, data, x, y, marks }: SpokenParts): string {
  const at = data[0][cursor];
  if (at === undefined) return '';
  const values = series.flatMap((one) => {
    const value = valueNear(one, at);
    return hidden.has(one.id) || value === null ? [] : [`${one.label} ${y.format(value)}`];
  });
  const mark = marks.find((candidate) => candidate.x === at);
  return [`${x.label} ${x.format(at)}`, ...values, ...(mark ? [mark.label] : [])].join(', ');
}
