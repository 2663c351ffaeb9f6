export { LineChart } from './line-chart';
export type { Axis, ChartMark } from './plot-options';
export type { Series } from './series';
