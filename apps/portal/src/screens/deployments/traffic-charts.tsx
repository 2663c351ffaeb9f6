import { useMemo } from 'react';
import { type Axis, LineChart } from '../../charts';
import { formatCount, formatShort, formatTime, onFirstUse } from '../../format';
import { type Bucket, formatSeconds, LATENCY, REQUESTS, seriesOf, TOKENS, type TrafficChart } from './traffic-figures';
import { TRAFFIC_SPANS, type TrafficSpan } from './traffic-span';

const HEIGHT = 180;
const CHARTS: ReadonlyArray<{ chart: TrafficChart; y: Axis }> = [
  { chart: REQUESTS, y: { label: 'Calls', format: formatCount, tick: wholeTick } },
  { chart: LATENCY, y: { label: 'Seconds', format: formatSeconds } },
  { chart: TOKENS, y: { label: 'Tokens', format: formatCount, tick: formatShort } },
];

const hourAndMinute = onFirstUse(() => new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }));
const dayAndMonth = onFirstUse(() => new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }));

interface TrafficChartsProps {
  buckets: readonly Bucket[];
  span: TrafficSpan;
  name: string;
}

export function TrafficCharts({ buckets, span, name }: TrafficChartsProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 xl:grid-cols-3">
      {CHARTS.map(({ chart, y }) => (
        <Chart key={`${chart.id} ${span}`} {...{ chart, y, buckets, span, name }} />
      ))}
    </div>
  );
}

function Chart({ chart, y, buckets, span, name }: TrafficChartsProps & { chart: TrafficChart; y: Axis }) {
  const { unitSeconds } = TRAFFIC_SPANS[span];
  const series = useMemo(() => seriesOf(chart, buckets, unitSeconds), [chart, buckets, unitSeconds]);
  const x = useMemo(() => timeAxis(unitSeconds), [unitSeconds]);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <h3 className="font-medium">{chart.label}</h3>
      <LineChart label={`${chart.label} of ${name}`} series={series} x={x} y={y} height={HEIGHT} syncKey={name} />
    </div>
  );
}

/** In the reader's zone, over units that it falls on whole ones of. */
function timeAxis(unitSeconds: number): Axis {
  const timeOf = (value: number) => new Date(Math.round(value * unitSeconds) * 1000);
  const short = unitSeconds < 86_400 ? hourAndMinute() : dayAndMonth();
  return {
    label: 'Time',
    format: (value) => formatTime(timeOf(value).toISOString(), 'minute', 0),
    tick: (value) => short.format(timeOf(value)),
  };
}

function wholeTick(value: number): string {
  return Number.isInteger(value) ? formatShort(value) : '';
}
