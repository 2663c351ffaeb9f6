import type { Scale } from './scale';

interface GridLinesProps {
  y: Scale;
  /** Where they begin, in pixels: what they stand for is written before it. */
  left: number;
  width: number;
  format: (value: number) => string;
}

const LINES = 4;

/** A line across a picture at each round whole number. */
export function GridLines({ y, left, width, format }: GridLinesProps) {
  return y
    .ticks(LINES)
    .filter(Number.isInteger)
    .map((tick) => (
      <g key={tick}>
        <line x1={left} x2={width} y1={y(tick)} y2={y(tick)} className="stroke-line" />
        <text x={left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className="fill-ink-faint">
          {format(tick)}
        </text>
      </g>
    ));
}
