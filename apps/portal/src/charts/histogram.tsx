import { BarChart3, Table2 } from 'lucide-react';
import { useState } from 'react';
import { formatCount, formatPercent } from '../format';
import { classNames, IconButton } from '../ui';
import { type Column, Table } from '../ui/table';
import { linearScale } from './scale';
import { useWidth } from './use-width';

export interface Bin {
  label: string;
  count: number;
  /** What is beyond a limit stands out. */
  tone?: 'plain' | 'bad';
}

interface HistogramProps {
  label: string;
  /** A stable array for the same bins. */
  bins: readonly Bin[];
  /** What the bins are of, with the unit: "Tokens". */
  binLabel: string;
  countLabel: string;
  height?: number;
}

const MARGIN = { top: 18, bottom: 34, left: 52 };
const WIDEST_BAR = 88;
const BAR_GAP = 4;

/** How many there are of each size. The table says the same, and is what is read aloud. */
export function Histogram({ label, bins, binLabel, countLabel, height = 220 }: HistogramProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure aria-label={label} className="flex min-w-0 flex-col gap-2">
      <div className="flex items-center justify-between">
        <figcaption className="text-sm text-ink-soft">{label}</figcaption>
        <IconButton
          icon={asTable ? BarChart3 : Table2}
          label={asTable ? 'Show as chart' : 'Show as table'}
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        />
      </div>
      {asTable ? (
        <BinTable {...{ label, bins, binLabel, countLabel }} />
      ) : (
        <Bars {...{ label, bins, binLabel, countLabel, height }} />
      )}
    </figure>
  );
}

function Bars({ label, bins, binLabel, countLabel, height }: Required<HistogramProps>) {
  const [host, width] = useWidth<HTMLDivElement>(640);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const y = linearScale([0, most], [height - MARGIN.bottom, MARGIN.top]);
  const step = Math.min(WIDEST_BAR, (width - MARGIN.left) / bins.length);
  // Where labels would touch, only some are written: the tooltip and the table have all.
  const every = Math.ceil(LABEL_WIDTH / step);
  return (
    <div ref={host} className="min-w-0">
      <svg
        role="img"
        aria-label={`${label}: ${bins.map((bin) => `${bin.label} ${binLabel.toLowerCase()} ${formatCount(bin.count)}`).join('; ')}`}
        width={width}
        height={height}
        className="block text-xs"
      >
        {y
          .ticks(4)
          .filter(Number.isInteger)
          .map((tick) => (
            <g key={tick}>
              <line x1={MARGIN.left} x2={width} y1={y(tick)} y2={y(tick)} className="stroke-line" />
              <text x={MARGIN.left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className="fill-ink-faint">
                {formatCount(tick)}
              </text>
            </g>
          ))}
        <text x={0} y={10} className="fill-ink-faint">
          {countLabel}
        </text>
        {bins.map((bin, index) => {
          const x = MARGIN.left + index * step;
          const top = bin.count === 0 ? y(0) : Math.min(y(bin.count), y(0) - 1);
          return (
            <g key={bin.label}>
              <title>{`${bin.label} ${binLabel.toLowerCase()}: ${formatCount(bin.count)} ${countLabel.toLowerCase()}, ${formatPercent(total === 0 ? 0 : bin.count / total, 1)}`}</title>
              <rect x={x} y={MARGIN.top} width={step} height={height - MARGIN.top - MARGIN.bottom} fill="transparent" />
              <rect
                x={x + BAR_GAP / 2}
                y={top}
                width={Math.max(1, step - BAR_GAP)}
                height={y(0) - top}
                rx={2}
                className={classNames(bin.tone === 'bad' ? 'fill-bad' : 'fill-series-1')}
              />
              {index % every === 0 && (
                <text x={x + step / 2} y={height - MARGIN.bottom + 14} textAnchor="middle" className="fill-ink-faint">
                  {bin.label}
                </text>
              )}
            </g>
          );
        })}
        <text x={MARGIN.left} y={height - 3} className="fill-ink-faint">
          {binLabel}
        </text>
      </svg>
    </div>
  );
}

const LABEL_WIDTH = 76;

function BinTable({ label, bins, binLabel, countLabel }: Omit<HistogramProps, 'height'>) {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const columns: Array<Column<Bin>> = [
    { id: 'bin', header: binLabel, cell: (bin) => bin.label },
    { id: 'count', header: countLabel, numeric: true, cell: (bin) => formatCount(bin.count) },
    {
      id: 'share',
      header: 'Share',
      numeric: true,
      cell: (bin) => formatPercent(total === 0 ? 0 : bin.count / total, 1),
    },
  ];
  return <Table compact caption={label} columns={columns} rows={bins as Bin[]} rowId={(bin) => bin.label} />;
}
