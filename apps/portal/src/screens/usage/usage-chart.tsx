import { useMemo } from 'react';
import { LineChart, type Series } from '../../charts';
import { formatMoney, formatShort, formatTokens, onFirstUse } from '../../format';
import type { Measure } from './choices';
import { isoDay, type Usage, type UsageGroup } from './summary';

/** More lines than this nobody tells apart: the rest is one. */
const LINES = 7;
const NANOS = 1e9;

interface UsageChartProps {
  usage: Usage;
  measure: Measure;
  firstDay: number;
  days: number;
  nameOf: (key: string) => string;
  currency: string;
}

export function UsageChart({ usage, measure, firstDay, days, nameOf, currency }: UsageChartProps) {
  const series = useMemo(
    () => seriesOf({ usage, measure, firstDay, days, nameOf }),
    [usage, measure, firstDay, days, nameOf],
  );
  const money = (value: number) => formatMoney({ currency, nanos: String(Math.round(value * NANOS)) });
  return (
    <LineChart
      label={measure === 'cost' ? 'Cost by day' : 'Tokens by day'}
      series={series}
      height={260}
      x={{ label: 'Day (UTC)', format: (day) => shortDay(Math.round(day)), tick: dayTick }}
      y={
        measure === 'cost'
          ? { label: 'Cost', format: money }
          : { label: 'Tokens', format: (value) => formatTokens(Math.round(value)), tick: (value) => formatShort(value) }
      }
    />
  );
}

function seriesOf({ usage, measure, firstDay, days, nameOf }: Omit<UsageChartProps, 'currency'>): Series[] {
  const x = Array.from({ length: days }, (_, index) => firstDay + index);
  const valueOn = (group: UsageGroup, day: number): number => {
    const used = usage.days.get(group.key)?.get(isoDay(day));
    if (!used) return 0;
    return measure === 'cost' ? Number(used.costNanos) / NANOS : Number(used.tokens);
  };
  const shown = usage.groups.length > LINES + 1 ? usage.groups.slice(0, LINES) : usage.groups;
  const rest = usage.groups.slice(shown.length);
  const lines = shown.map((group): Series => {
    return { id: group.key || 'none', label: nameOf(group.key), x, y: x.map((day) => valueOn(group, day)) };
  });
  if (rest.length === 0) return lines;
  const others = x.map((day) => rest.reduce((sum, group) => sum + valueOn(group, day), 0));
  return [...lines, { id: 'others', label: `${rest.length} others`, x, y: others }];
}

const dayFormat = onFirstUse(
  () => new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
);

function shortDay(day: number): string {
  return dayFormat().format(new Date(isoDay(day)));
}

/** Ticks between days would repeat them. */
function dayTick(day: number): string {
  return Number.isInteger(day) ? shortDay(day) : '';
}
