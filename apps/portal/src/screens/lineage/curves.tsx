import { linearScale } from '../../charts/scale';
import { formatMeasure, formatPercent, formatShort } from '../../format';
import type { LineagePoint } from './documents';
import type { LineageLayout } from './layout';

export interface Curve {
  id: string;
  name: string;
  points: Array<{ tokens: number; value: number }>;
  format: (value: number) => string;
  /** Of its own axis: a loss has one, scores share the one from 0 to 1. */
  domain: [number, number];
  stroke: string;
  fill: string;
  swatch: string;
  dashed?: string;
}

const LOSS_STYLE = { stroke: 'stroke-series-1', fill: 'fill-series-1', swatch: 'bg-series-1' };
const EVALUATION_STYLES = [
  { stroke: 'stroke-series-3', fill: 'fill-series-3', swatch: 'bg-series-3' },
  { stroke: 'stroke-series-4', fill: 'fill-series-4', swatch: 'bg-series-4', dashed: '5 3' },
  { stroke: 'stroke-series-5', fill: 'fill-series-5', swatch: 'bg-series-5', dashed: '2 3' },
  { stroke: 'stroke-series-6', fill: 'fill-series-6', swatch: 'bg-series-6', dashed: '8 3 2 3' },
];

/** What is drawn below the river: the loss, and how the first evaluations went. */
export function curvesOf(points: readonly LineagePoint[]): Curve[] {
  const loss = lossCurve(points);
  return [...(loss ? [loss] : []), ...evaluationCurves(points)];
}

/** Loss by the left axis and evaluations by the right one, over the tokens of the river above. */
export function Curves({ layout, curves }: { layout: LineageLayout; curves: readonly Curve[] }) {
  const { x, width, left, right } = layout;
  const { top, bottom } = layout.curves;
  const vertical = (domain: [number, number]) => linearScale(domain, [bottom, top]);
  const loss = curves.find(({ id }) => id === LOSS);
  const score = curves.find(({ id }) => id !== LOSS);
  const ends = placeLabels(
    curves.flatMap((curve) => {
      const last = curve.points.at(-1);
      return last ? [{ curve, text: curve.format(last.value), y: vertical(curve.domain)(last.value) }] : [];
    }),
  );
  return (
    <g aria-hidden>
      {loss &&
        vertical(loss.domain)
          .ticks(TICKS)
          .map((tick) => (
            <AxisTick key={tick} y={vertical(loss.domain)(tick)} text={formatMeasure(tick)} {...{ left, right }} />
          ))}
      {!loss &&
        score &&
        vertical(score.domain)
          .ticks(TICKS)
          .map((tick) => (
            <AxisTick key={tick} y={vertical(score.domain)(tick)} text={score.format(tick)} {...{ left, right }} />
          ))}
      <line x1={left} x2={right} y1={bottom} y2={bottom} className="stroke-line-strong" />
      {x.ticks(Math.max(2, Math.floor(width / 160))).map((tick) => (
        <text key={tick} x={x(tick)} y={bottom + 17} textAnchor="middle" className="fill-ink-faint text-xs">
          {tick === 0 ? '0 tokens' : formatShort(tick)}
        </text>
      ))}
      {curves.map((curve) => {
        const y = vertical(curve.domain);
        const path = curve.points.map(({ tokens, value }) => `${x(tokens)} ${y(value)}`).join(' L ');
        return (
          <g key={curve.id}>
            <path
              d={`M ${path}`}
              strokeWidth={1.75}
              strokeDasharray={curve.dashed}
              className={`fill-none ${curve.stroke}`}
            />
            {curve.points.map(({ tokens, value }) => (
              <circle key={tokens} cx={x(tokens)} cy={y(value)} r={2.75} className={curve.fill} />
            ))}
          </g>
        );
      })}
      {ends.map(({ curve, text, y }) => (
        <text key={curve.id} x={right + 14} y={y + 4} className={`text-xs font-medium ${curve.fill}`}>
          {text}
        </text>
      ))}
    </g>
  );
}

function AxisTick({ y, text, left, right }: { y: number; text: string; left: number; right: number }) {
  return (
    <>
      <line x1={left} x2={right} y1={y} y2={y} className="stroke-line" />
      <text x={left - 8} y={y + 4} textAnchor="end" className="fill-ink-faint text-xs">
        {text}
      </text>
    </>
  );
}

/** Which line is which. */
export function CurvesLegend({ curves }: { curves: readonly Curve[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-soft">
      {curves.map(({ id, name, swatch }) => (
        <li key={id} className="flex items-center gap-1.5">
          <span aria-hidden className={`h-0.75 w-4 rounded-full ${swatch}`} />
          {name}
        </li>
      ))}
    </ul>
  );
}

const LOSS = 'loss';
const TICKS = 4;

function lossCurve(points: readonly LineagePoint[]): Curve | null {
  const measured = points.flatMap(({ tokensSeen, loss }) =>
    loss === null ? [] : [{ tokens: Number(tokensSeen), value: loss }],
  );
  if (measured.length === 0) return null;
  const values = measured.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || high || 1) * 0.08;
  return {
    id: LOSS,
    name: 'Loss, by the axis',
    format: formatMeasure,
    points: inOrder(measured),
    domain: [Math.max(0, low - margin), high + margin],
    ...LOSS_STYLE,
  };
}

function evaluationCurves(points: readonly LineagePoint[]): Curve[] {
  const names = [...new Set(points.flatMap(({ evaluations }) => evaluations.map(({ name }) => name)))];
  return names.slice(0, EVALUATION_STYLES.length).map((name, index) => {
    const measured = points.flatMap(({ tokensSeen, evaluations }) => {
      const evaluation = evaluations.find((one) => one.name === name);
      return evaluation ? [{ tokens: Number(tokensSeen), value: evaluation.value }] : [];
    });
    const most = Math.max(...measured.map(({ value }) => value));
    const style = EVALUATION_STYLES[index] ?? EVALUATION_STYLES[0]!;
    const format = most <= 1 ? formatPercent : formatMeasure;
    return {
      id: `evaluation ${name}`,
      name,
      points: inOrder(measured),
      format,
      domain: [0, Math.max(1, most)],
      ...style,
    };
  });
}

function inOrder(points: Curve['points']): Curve['points'] {
  return points.sort((left, right) => left.tokens - right.tokens);
}

const LABEL_PIXELS = 15;
/** Names that would lie on each other move down. */
function placeLabels<T extends { y: number }>(labels: T[]): T[] {
  let free = Number.NEGATIVE_INFINITY;
  return [...labels]
    .sort((left, right) => left.y - right.y)
    .map((label) => {
      const y = Math.max(label.y, free);
      free = y + LABEL_PIXELS;
      return { ...label, y };
    });
}
