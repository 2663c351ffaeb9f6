import { classNames } from '../ui';
import { type Column, Table } from '../ui/table';
import { Figure } from './figure';
import { GridLines } from './grid-lines';
import { linearScale, type Scale } from './scale';
import { useWidth } from './use-width';

/** A place on the axis with a bar for each series. */
export interface BarGroup {
  label: string;
  /** At least zero, in the order of the series. */
  values: readonly number[];
}

interface BarGroupsProps {
  label: string;
  /** What the groups are: "Month". */
  groupLabel: string;
  /** One or two; the second is drawn as an outline. */
  series: readonly string[];
  /** A stable array for the same groups. */
  groups: readonly BarGroup[];
  format: (value: number) => string;
  /** For the axis; as `format` if left out. */
  tick?: (value: number) => string;
  height?: number;
}

const MARGIN = { top: 10, bottom: 22, left: 56 };
const WIDEST_GROUP = 96;
const LABEL_WIDTH = 64;
const STYLES = ['fill-series-1 stroke-series-1', 'fill-transparent stroke-series-1'] as const;
const DASHES = ['none', '3 2'] as const;

/** The same few amounts at each of several places, side by side. The table says the same. */
export function BarGroups(props: BarGroupsProps) {
  return (
    <Figure
      label={props.label}
      picture={
        <>
          <Legend series={props.series} />
          <Bars {...props} />
        </>
      }
      table={<GroupTable {...props} />}
    />
  );
}

/** Solid and dashed: told apart without colours. */
function Legend({ series }: Pick<BarGroupsProps, 'series'>) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-soft">
      {series.map((name, place) => (
        <li key={name} className="flex items-center gap-1.5">
          <svg aria-hidden width={12} height={12} className="shrink-0">
            <rect x={1} y={1} width={10} height={10} className={STYLES[place]} strokeDasharray={DASHES[place]} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

function Bars({ label, series, groups, format, tick = format, height = 200 }: BarGroupsProps) {
  const [host, width] = useWidth<HTMLDivElement>(640);
  const most = Math.max(1, ...groups.flatMap(({ values }) => values));
  const y = linearScale([0, most], [height - MARGIN.bottom, MARGIN.top]);
  const step = Math.min(WIDEST_GROUP, (width - MARGIN.left) / groups.length);
  // Where labels would touch, only some are written: the tooltip and the table have all.
  const every = Math.ceil(LABEL_WIDTH / step);
  return (
    <div ref={host} className="min-w-0">
      <svg
        role="img"
        aria-label={`${label}: ${groups.map((group) => textOf(group, series, format)).join('; ')}`}
        width={width}
        height={height}
        className="block text-xs"
      >
        <GridLines y={y} left={MARGIN.left} width={width} format={tick} />
        {groups.map((group, place) => {
          const x = MARGIN.left + place * step;
          return (
            <g key={group.label}>
              <title>{textOf(group, series, format)}</title>
              <rect x={x} y={0} width={step} height={height} fill="transparent" />
              <GroupBars values={group.values} x={x} width={step} y={y} />
              {place % every === 0 && (
                <text x={x + step / 2} y={height - 5} textAnchor="middle" className="fill-ink-faint">
                  {group.label}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function textOf({ label, values }: BarGroup, series: readonly string[], format: (value: number) => string): string {
  return `${label}: ${values.map((value, place) => `${series[place]?.toLowerCase()} ${format(value)}`).join(', ')}`;
}

interface GroupBarsProps {
  values: readonly number[];
  x: number;
  width: number;
  y: Scale;
}

function GroupBars({ values, x, width, y }: GroupBarsProps) {
  const padding = Math.max(1, width * 0.15);
  const barWidth = Math.max(1, (width - 2 * padding) / values.length - 2);
  return values.map((value, place) => (
    <rect
      // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place.
      key={place}
      x={x + padding + place * (barWidth + 2)}
      y={y(value)}
      width={barWidth}
      height={y(0) - y(value)}
      className={classNames(STYLES[place])}
      strokeDasharray={DASHES[place]}
    />
  ));
}

function GroupTable({ label, groupLabel, series, groups, format }: BarGroupsProps) {
  const columns: Array<Column<BarGroup>> = [
    { id: 'group', header: groupLabel, cell: (group) => group.label },
    ...series.map(
      (name, place): Column<BarGroup> => ({
        id: name,
        header: name,
        numeric: true,
        cell: ({ values }) => format(values[place] ?? 0),
      }),
    ),
  ];
  return <Table compact caption={label} columns={columns} rows={groups as BarGroup[]} rowId={(group) => group.label} />;
}
