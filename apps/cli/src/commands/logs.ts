import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError } from '#libs/client';
import { type Commands, integer } from '../commands.js';
import type { Context } from '../context.js';
import { JOB_ATTEMPTS, JOB_LOG, type LogChunk } from '../documents/fine-tuning.js';
import { jobNotFound } from '../job-news.js';

interface LogOptions {
  attempt?: number;
  follow?: boolean;
}

const ASK_AGAIN_MILLISECONDS = 1_000;

export function addLogsCommand(commands: Commands): void {
  commands.read<LogOptions>(
    'logs <job>',
    "Print the trainer's output; --json gives one object per piece",
    printLogs,
    (command) =>
      command
        .option('--attempt <number>', 'of this attempt; the last if left out', integer(1))
        .option('-f, --follow', 'go on as it is written'),
  );
}

async function printLogs(context: Context, { attempt: wanted, follow }: LogOptions, id: string): Promise<void> {
  const { client, out } = context;
  const { node } = await client.run(JOB_ATTEMPTS, { id });
  if (!node?.status) throw jobNotFound(id);
  const attempt = wanted ?? node.attempts.at(-1)?.number;
  if (attempt === undefined) {
    throw new RefusedError(
      'NO_ATTEMPT_YET',
      `${id} is ${node.status.toLowerCase()}: no trainer has run yet, so there is no log.`,
    );
  }
  for (let offset = 0; ; ) {
    const chunk = await read(context, { id, attempt, offset });
    offset = chunk.nextOffset;
    if (chunk.text !== '' && out.json) out.item(chunk, () => null);
    else out.raw(chunk.text);
    if (chunk.complete || (chunk.text === '' && !follow)) return;
    if (chunk.text === '') await sleep(ASK_AGAIN_MILLISECONDS);
  }
}

async function read({ client }: Context, at: { id: string; attempt: number; offset: number }): Promise<LogChunk> {
  const log = (await client.run(JOB_LOG, at)).node?.log;
  if (log) return log;
  throw new RefusedError('NO_SUCH_ATTEMPT', `${at.id} has no attempt ${at.attempt}: see forkpoint jobs show ${at.id}.`);
}
