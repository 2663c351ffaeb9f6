import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import type { Fork } from './fork.js';
import { settings } from './settings.js';

/** What the demo ends with: does the fork point matter? */
export function table(forks: readonly Fork[]): string {
  const rows = forks.map((fork) => [
    fork.title,
    String(fork.checkpoint.step),
    percent(fork.before),
    percent(fork.after),
    Number(fork.job.trainedTokens ?? 0).toLocaleString('en-US'),
    fork.trainingSeconds.toFixed(0),
    fork.job.cost?.display ?? '-',
  ]);
  const lines = [['fork point', 'step', 'before', 'after', 'tokens', 'seconds', 'cost'], ...rows];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const draw = (line: string[]) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return [draw(lines[0]!), widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1).map(draw)].join('\n');
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)}%`;
}

/** Draws the loss curves; matplotlib does it, since it is in the Python environment anyway. */
export async function drawCurves(forks: readonly Fork[], path: string): Promise<void> {
  const curves = forks.map(({ title, checkpoint, losses }) => ({
    name: `${title} (step ${checkpoint.step})`,
    points: losses,
  }));
  const script = resolve(dirname(process.argv[1]!), '../../../infra/demo/plot_curves.py');
  const plot = spawn(settings.python, [script, path], { stdio: ['pipe', 'inherit', 'inherit'] });
  plot.stdin.end(JSON.stringify(curves));
  const code = await new Promise((done) => plot.once('exit', done));
  if (code !== 0) throw new Error(`drawing ${path} failed with exit code ${code}`);
}
