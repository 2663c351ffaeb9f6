import { classNames } from './class-names';

interface ProgressProps {
  label: string;
  /** 0 to 1; null while nobody knows. */
  value: number | null;
  /** As text, for who does not see the bar. */
  text?: string;
  tone?: 'accent' | 'ok' | 'bad' | 'warn';
}

const TONES = { accent: 'bg-accent', ok: 'bg-ok', bad: 'bg-bad', warn: 'bg-warn' } as const;

export function Progress({ label, value, text, tone = 'accent' }: ProgressProps) {
  const percent = value === null ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 1000) / 10;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={text}
      className="h-1.75 w-full overflow-hidden rounded-full bg-line"
    >
      <div
        className={classNames(
          'h-full rounded-full transition-[width] duration-300',
          TONES[tone],
          percent === undefined && 'w-1/3 animate-pulse',
        )}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
