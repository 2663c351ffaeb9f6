import { formatTime, formatUtc, type TimeStyle, useNow } from '../format';

const AGING_MILLISECONDS = 30_000;

/** When: in the reader's zone; to the second in UTC on hover. */
export function Time({ at, style = 'relative' }: { at: string; style?: TimeStyle }) {
  const nowMilliseconds = useNow(AGING_MILLISECONDS);
  return (
    <time dateTime={at} title={formatUtc(at)} className="whitespace-nowrap">
      {formatTime(at, style, nowMilliseconds)}
    </time>
  );
}
