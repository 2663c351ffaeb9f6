import { Pause, Play, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { formatBytes, formatDuration, formatPercent, now } from '../format';
import { Button, Failures, IconButton, Progress, Status, type Tone } from '../ui';
import type { UploadSnapshot, UploadStage, UploadTask } from './upload-task';
import { useUpload } from './uploads';

interface UploadProgressProps {
  task: UploadTask;
  onDone?: (versionId: string) => void;
  /** Takes it off the page: it has ended. */
  onDismiss: () => void;
}

const STAGES: Record<UploadStage, { label: string; tone: Tone }> = {
  hashing: { label: 'Reading the file', tone: 'accent' },
  sending: { label: 'Sending', tone: 'accent' },
  waiting: { label: 'Connection lost', tone: 'warn' },
  paused: { label: 'Paused', tone: 'neutral' },
  verifying: { label: 'Comparing hashes', tone: 'accent' },
  done: { label: 'Uploaded', tone: 'ok' },
  failed: { label: 'Failed', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'neutral' },
};

/** One file on its way: how far, how fast, and what can be done about it. */
export function UploadProgress({ task, onDone, onDismiss }: UploadProgressProps) {
  const snapshot = useUpload(task, onDone);
  const bytesPerSecond = useRate(snapshot);
  const { stage, failure } = snapshot;
  const { label, tone } = STAGES[stage];
  const ended = stage === 'done' || stage === 'cancelled';
  return (
    <section
      aria-label={`Upload of ${task.file.name}`}
      className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="truncate font-medium">{task.file.name}</span>
          <span role="status">
            <Status tone={tone} live={tone === 'accent'}>
              {label}
            </Status>
          </span>
        </div>
        <div className="flex items-center gap-1">
          {(stage === 'hashing' || stage === 'sending' || stage === 'waiting') && (
            <Button small icon={Pause} onClick={() => task.pause()}>
              Pause
            </Button>
          )}
          {(stage === 'paused' || stage === 'failed') && (
            <Button small icon={Play} onClick={() => void task.start()}>
              {stage === 'paused' ? 'Resume' : 'Try again'}
            </Button>
          )}
          {!ended && stage !== 'verifying' && (
            <Button small kind="quiet" onClick={() => void task.cancel()}>
              Cancel
            </Button>
          )}
          {ended && <IconButton icon={X} label="Dismiss" onClick={onDismiss} />}
        </div>
      </div>
      {!ended && <Bar snapshot={snapshot} bytes={task.file.size} name={task.file.name} />}
      <p className="text-sm text-ink-soft">{describe(snapshot, task.file.size, bytesPerSecond)}</p>
      {stage === 'failed' && failure && <Failures failures={[failure]} />}
    </section>
  );
}

function Bar({ snapshot, bytes, name }: { snapshot: UploadSnapshot; bytes: number; name: string }) {
  const { stage, hashedBytes, sentBytes } = snapshot;
  const fraction = (stage === 'hashing' ? hashedBytes : sentBytes) / bytes;
  return (
    <Progress
      label={`${stage === 'hashing' ? 'Read' : 'Sent'} of ${name}`}
      value={fraction}
      text={formatPercent(fraction)}
      tone={stage === 'failed' ? 'bad' : stage === 'waiting' || stage === 'paused' ? 'warn' : 'accent'}
    />
  );
}

function describe(snapshot: UploadSnapshot, bytes: number, bytesPerSecond: number | null): string {
  const { stage, hashedBytes, sentBytes, resumedBytes, version, alreadyThere } = snapshot;
  const sent = `${formatBytes(sentBytes)} of ${formatBytes(bytes)}`;
  const resumed = resumedBytes > 0 ? `, ${formatBytes(resumedBytes)} of it sent before` : '';
  switch (stage) {
    case 'hashing':
      return `${formatBytes(hashedBytes)} of ${formatBytes(bytes)} read. The hash shows later that what arrived is this file.`;
    case 'sending':
      return `${sent}${resumed}${bytesPerSecond ? ` · ${formatBytes(bytesPerSecond)}/s · ${formatDuration((bytes - sentBytes) / bytesPerSecond)} left` : ''}`;
    case 'waiting':
      return `${sent}. It goes on by itself when the connection is back.`;
    case 'paused':
      return `${sent}. To go on after this tab was closed, choose the same file again within 24 h.`;
    case 'verifying':
      return `All ${formatBytes(bytes)} are sent. The platform reads them once to compare their hash.`;
    case 'done':
      return alreadyThere
        ? `These very bytes are already here as version ${version?.number}: nothing was sent.`
        : `It is version ${version?.number} now. The stored bytes have the hash of your file.`;
    case 'failed':
      return sentBytes > 0 ? `${sent} had arrived.` : 'Nothing was stored.';
    case 'cancelled':
      return 'What had been sent is removed.';
  }
}

const RATE_OVER_MILLISECONDS = 4_000;
const STEADY_AFTER_MILLISECONDS = 800;

/** Over the last few seconds, so that it neither jumps nor lags. */
function useRate({ stage, sentBytes }: UploadSnapshot): number | null {
  const samples = useRef<Array<{ at: number; bytes: number }>>([]);
  const [rate, setRate] = useState<number | null>(null);
  useEffect(() => {
    if (stage !== 'sending') {
      samples.current = [];
      setRate(null);
      return;
    }
    const at = now();
    samples.current = [
      ...samples.current.filter((one) => at - one.at < RATE_OVER_MILLISECONDS),
      { at, bytes: sentBytes },
    ];
    const first = samples.current[0];
    if (!first || at - first.at < STEADY_AFTER_MILLISECONDS || sentBytes <= first.bytes) return;
    setRate(((sentBytes - first.bytes) * 1000) / (at - first.at));
  }, [stage, sentBytes]);
  return rate;
}
