import { RefusedError } from '#libs/client';
import type { Commands } from '../commands.js';
import type { Context } from '../context.js';
import type { Job, JobEvent, MetricPoint } from '../documents/fine-tuning.js';
import { type JobNews, jobNews } from '../job-news.js';
import { formatConstant, formatInteger, formatNumber, formatSeconds, formatTime } from '../output/format.js';
import { bar } from '../output/progress-bar.js';
import { fields } from '../output/table.js';
import type { Style } from '../terminal.js';

export function addFollowCommand(commands: Commands): void {
  commands.read(
    'follow <job>',
    'Watch a fine-tune job to its end. It survives lost connections; --json gives one object per line',
    (context, _, id: string) => followToEnd(context, id),
  );
}

/** Tells all that happens to a job; refused if the job does not succeed. */
export async function followToEnd(context: Context, id: string): Promise<void> {
  const { client, out, terminal } = context;
  terminal.onInterrupt = () => {
    out.note(`The job goes on. Watch it again: forkpoint follow ${id}`);
  };
  let isAway = false;
  const onAway = (reason: string | null) => {
    if (isAway !== (reason !== null))
      out.note(reason ? `Lost the connection (${reason}); trying again` : 'Connected again');
    isAway = reason !== null;
  };
  const teller = new Teller(context);
  let last: Job | undefined;
  for await (const news of jobNews(client, id, { onAway })) {
    teller.tell(news);
    last = news.job;
  }
  terminal.onInterrupt = null;
  out.clearStatus();
  if (last) conclude(context, last);
}

/** Tells states and events once each, and progress on a line that is drawn over. */
class Teller {
  private status: string | undefined;
  private progress: string | undefined;
  private loss: number | null = null;

  constructor(private readonly context: Context) {}

  tell({ job, events, metrics }: JobNews): void {
    const { out } = this.context;
    for (const event of events) out.item({ type: 'event', event }, () => eventLine(event, out.style));
    for (const metric of metrics) this.note(metric);
    if (job.status !== this.status) {
      this.status = job.status;
      out.item({ type: 'status', status: job.status }, () => `${out.style.bold(formatConstant(job.status))}`);
    }
    const progress = JSON.stringify(job.progress);
    if (job.progress && progress !== this.progress) {
      this.progress = progress;
      // On a screen progress is the line below; a log has the events.
      out.item({ type: 'progress', progress: job.progress }, () => null);
    }
    out.status(progressLine(job, this.loss, out.style));
  }

  private note(metric: MetricPoint): void {
    if (metric.name === 'train_loss') this.loss = metric.value;
    this.context.out.item({ type: 'metric', metric }, () => null);
  }
}

function eventLine({ createdAt, level, message, attempt }: JobEvent, style: Style): string {
  const paint = level === 'error' ? style.red : level === 'warn' ? style.yellow : (text: string) => text;
  const which = attempt && attempt > 1 ? style.dim(` (attempt ${attempt})`) : '';
  return `${style.dim(createdAt.slice(11, 19))}  ${paint(message)}${which}`;
}

export function progressLine({ status, progress }: Job, loss: number | null, style: Style): string {
  if (!progress || status !== 'RUNNING') return `${formatConstant(status)} ...`;
  const { stage, step, totalSteps, secondsLeft } = progress;
  const share = totalSteps > 0 ? step / totalSteps : 0;
  const facts = [
    `${formatInteger(step)}/${formatInteger(totalSteps)}`,
    loss === null ? '' : `loss ${formatNumber(loss)}`,
    secondsLeft === null ? '' : `${formatSeconds(secondsLeft)} left`,
  ].filter(Boolean);
  return `${stage} ${bar(share, style)} ${facts.join(', ')}`;
}

function conclude({ out }: Context, job: Job): void {
  out.item({ type: 'end', job }, () => presentEnd(job, out.style));
  if (job.status === 'SUCCEEDED') return;
  const { code, message } = job.error ?? {
    code: `JOB_${job.status}`,
    message: `${job.id} is ${formatConstant(job.status)}.`,
  };
  throw new RefusedError(code.toUpperCase(), message);
}

function presentEnd(job: Job, style: Style): string {
  return fields(
    [
      ['Variant', job.outputName && style.green(job.outputName)],
      ['Trained', job.trainedTokens && `${formatInteger(job.trainedTokens)} tokens`],
      ['Cost', job.cost?.display],
      ['Ended', formatTime(job.finishedAt)],
      ['Next', job.outputName && `forkpoint chat ${job.outputName}`],
    ],
    style,
  );
}
