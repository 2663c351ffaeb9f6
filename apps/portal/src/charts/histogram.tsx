import { formatCount, formatPercent } from '../format';
import { classNames } from '../ui';
import { type Column, Table } from '../ui/table';
import { Figure } from './figure';
import { GridLines } from './grid-lines';
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
  return (
    <Figure
      label={label}
      picture={<Bars {...{ label, bins, binLabel, countLabel, height }} />}
      table={<BinTable {...{ label, bins, binLabel, countLabel }} />}
    />
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
        <GridLines y={y} left={MARGIN.left} width={width} format={formatCount} />
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
