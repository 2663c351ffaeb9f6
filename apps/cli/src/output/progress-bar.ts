import type { Style } from '../terminal.js';
import { formatBytes, formatSeconds } from './format.js';

const CELLS = 24;
const RATE_WINDOW_SECONDS = 5;

export function bar(share: number, style: Style): string {
  const filled = Math.round(Math.min(Math.max(share, 0), 1) * CELLS);
  return `${style.cyan('━'.repeat(filled))}${style.dim('─'.repeat(CELLS - filled))}`;
}

/** Bytes on their way: how many, how fast over the last seconds, how long still. */
export class ByteProgress {
  private readonly samples: Array<{ at: number; bytes: number }> = [];

  /** `seconds` is a steady clock. */
  constructor(
    private readonly style: Style,
    private readonly seconds: () => number = () => performance.now() / 1000,
  ) {}

  line(label: string, sentBytes: number, totalBytes: number): string {
    const rate = this.rate(sentBytes);
    const share = totalBytes === 0 ? 1 : sentBytes / totalBytes;
    const left = rate > 0 && share < 1 ? `, ${formatSeconds((totalBytes - sentBytes) / rate)} left` : '';
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    const counts = `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}`;
    return `${label} ${bar(share, this.style)} ${percent}  ${counts}, ${formatBytes(Math.round(rate))}/s${left}`;
  }

  /** Bytes per second. What was there before the first call does not count as sent. */
  private rate(bytes: number): number {
    const at = this.seconds();
    this.samples.push({ at, bytes });
    while (this.samples.length > 2 && at - this.samples[0]!.at > RATE_WINDOW_SECONDS) this.samples.shift();
    const first = this.samples[0]!;
    // A body that is sent again counts back.
    return at === first.at ? 0 : Math.max(0, (bytes - first.bytes) / (at - first.at));
  }
}
