import { onFirstUse } from './on-first-use';

export const DAY_MILLISECONDS = 86_400_000;

const full = onFirstUse(() => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }));
const dateAndMinute = onFirstUse(() => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }));
const day = onFirstUse(() => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }));
const clock = onFirstUse(() => new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }));
const relative = onFirstUse(() => new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'long' }));

export type TimeStyle = 'relative' | 'full' | 'minute' | 'day' | 'clock';

const STEPS: ReadonlyArray<[unit: Intl.RelativeTimeFormatUnit, seconds: number]> = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const RELATIVE_DAYS = 14;

/** In the reader's zone and language. */
export function formatTime(iso: string, style: TimeStyle, nowMilliseconds: number): string {
  const time = new Date(iso);
  if (style === 'full') return full().format(time);
  if (style === 'minute') return dateAndMinute().format(time);
  if (style === 'day') return day().format(time);
  if (style === 'clock') return clock().format(time);
  const seconds = (time.getTime() - nowMilliseconds) / 1000;
  if (Math.abs(seconds) > RELATIVE_DAYS * 86_400) return day().format(time);
  if (Math.abs(seconds) < 45) return seconds <= 0 ? 'just now' : 'in a moment';
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size * 0.75) return relative().format(Math.round(seconds / size), unit);
  }
  return relative().format(Math.round(seconds / 60), 'minute');
}

/** To the second and without a doubt, for the tooltip. */
export function formatUtc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** 45 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function formatDuration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3_600) return pair(rounded, 60, 'min', 1, 's');
  if (rounded < 86_400) return pair(rounded, 3_600, 'h', 60, 'min');
  return pair(rounded, 86_400, 'd', 3_600, 'h');
}

function pair(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeUnit}${rest > 0 ? ` ${rest} ${smallUnit}` : ''}`;
}
