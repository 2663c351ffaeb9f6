import { useMemo } from 'react';
import { formatDuration, now, useNow } from '../../format';
import { Status, type Tone } from '../../ui';
import type { LiveState, Serving } from './documents';

const DEPLOYMENT_TONES: Record<LiveState['status'], Tone> = { ACTIVE: 'ok', PAUSED: 'warn', DELETED: 'neutral' };
const DEPLOYMENT_WORDS: Record<LiveState['status'], string> = {
  ACTIVE: 'Answering',
  PAUSED: 'Paused',
  DELETED: 'Deleted',
};

export function DeploymentStatus({ status }: { status: LiveState['status'] }) {
  return <Status tone={DEPLOYMENT_TONES[status]}>{DEPLOYMENT_WORDS[status]}</Status>;
}

const ENGINE: Record<Serving['state'], { tone: Tone; word: string; live?: boolean }> = {
  READY: { tone: 'ok', word: 'Ready' },
  STARTING: { tone: 'accent', word: 'Starting', live: true },
  COLD: { tone: 'neutral', word: 'Cold' },
  FAILED: { tone: 'bad', word: 'Start failed' },
};
const TICK_MILLISECONDS = 1_000;

/** How far the engine is from answering, with the time that it still takes. */
export function EngineState({ serving }: { serving: Serving | null }) {
  if (!serving) return <span className="text-ink-faint">No engine</span>;
  const { tone, word, live } = ENGINE[serving.state];
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5">
      <Status tone={tone} live={live}>
        {word}
      </Status>
      <Wait serving={serving} />
    </span>
  );
}

function Wait({ serving }: { serving: Serving }) {
  const { state, secondsUntilReady } = serving;
  const told = useMemo(() => ({ serving, atMilliseconds: now() }), [serving]);
  const currentMilliseconds = useNow(TICK_MILLISECONDS);
  if (state === 'READY') return null;
  const passedSeconds = state === 'COLD' ? 0 : Math.max(0, currentMilliseconds - told.atMilliseconds) / 1000;
  const left = secondsUntilReady - passedSeconds;
  if (left < 1) return <WaitText>any moment</WaitText>;
  const duration = formatDuration(left);
  if (state === 'COLD') return <WaitText>first call waits about {duration}</WaitText>;
  return (
    <WaitText>{state === 'FAILED' ? `tried again, ready in about ${duration}` : `about ${duration} left`}</WaitText>
  );
}

function WaitText({ children }: { children: React.ReactNode }) {
  return <span className="text-sm whitespace-nowrap text-ink-faint">{children}</span>;
}
