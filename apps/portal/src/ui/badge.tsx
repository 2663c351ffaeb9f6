import type { ReactNode } from 'react';
import { classNames } from './class-names';

export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'bad';

const TONES: Record<Tone, string> = {
  neutral: 'bg-sunken text-ink-soft',
  accent: 'bg-accent-wash text-accent',
  ok: 'bg-ok-wash text-ok',
  warn: 'bg-warn-wash text-warn',
  bad: 'bg-bad-wash text-bad',
};

/** A property in a word. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={classNames(
        'inline-flex items-center gap-1.5 rounded-sm px-1.5 py-px text-sm font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

interface StatusProps {
  tone: Tone;
  /** Something happens right now. */
  live?: boolean;
  children: ReactNode;
}

/** A state: a word with a dot, never the colour alone. */
export function Status({ tone, live, children }: StatusProps) {
  return (
    <Badge tone={tone}>
      <span aria-hidden className={classNames('size-1.75 rounded-full bg-current', live && 'animate-pulse')} />
      {children}
    </Badge>
  );
}
