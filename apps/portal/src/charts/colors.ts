/** The theme's colours as a canvas takes them: resolved, since it knows no custom properties. */
export interface ChartColors {
  ink: string;
  line: string;
  surface: string;
  accentWash: string;
  series: readonly string[];
}

export const SERIES_COLORS = 8;

export function readColors(within: HTMLElement): ChartColors {
  const probe = document.createElement('span');
  within.append(probe);
  const resolve = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors: ChartColors = {
    ink: resolve('ink-faint'),
    line: resolve('line'),
    surface: resolve('surface'),
    accentWash: resolve('accent-wash'),
    series: Array.from({ length: SERIES_COLORS }, (_, index) => resolve(`series-${index + 1}`)),
  };
  probe.remove();
  return colors;
}
