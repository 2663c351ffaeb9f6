import type { Command } from 'commander';
import { type MutationOperation, pollUntil, RefusedError } from '#libs/client';
import { type Commands, moment } from '../commands.js';
import type { Context } from '../context.js';
import {
  BILLING_EXPORTS,
  type BillingExport,
  EXPORT_JOURNAL,
  EXPORT_USAGE,
  type ExportRange,
  SHOW_EXPORT,
  type ShownExport,
} from '../documents/exports.js';
import { collect } from '../documents/shared.js';
import { download } from '../download.js';
import { notFound } from '../failure.js';
import { formatConstant, formatInteger, formatTime } from '../output/format.js';
import { table } from '../output/table.js';
import { spanOf, USUAL_DAYS } from '../span.js';
import type { Style } from '../terminal.js';

interface MakeOptions {
  from?: Date;
  to?: Date;
  organization?: string;
  out?: string;
}

const MOST_EXPORTS = 1_000;
/** A year of a large partner is made in minutes; who waits longer fetches it later. */
const MADE_WITHIN_SECONDS = 3_600;

export function addExportCommands(commands: Commands): void {
  commands.group('exports', 'Exports: usage and the journal as CSV', (group) =>
    group
      .read<{ journal?: boolean }>(
        'list',
        'List exports, newest first',
        listExports,
        (command) => command.option('--journal', 'of the journal; of usage if left out'),
        { isDefault: true },
      )
      .act<MakeOptions>(
        'usage',
        'Have usage exported, wait for the file, and fetch it',
        maker(EXPORT_USAGE),
        (command) => ofRange(command, 'of this partner; for the lab, which names one'),
      )
      .act<MakeOptions>(
        'journal',
        'Have the journal exported, wait for the file, and fetch it',
        maker(EXPORT_JOURNAL),
        (command) => ofRange(command, 'of this partner; for the lab: of all if left out'),
      )
      .read<{ out?: string }>(
        'fetch <export>',
        'Wait for an export that was begun, and fetch it',
        fetchExport,
        (command) => command.option('--out <path>', 'where to; <export>.csv if left out'),
      ),
  );
}

function ofRange(command: Command, organization: string): Command {
  return command
    .option('--from <time>', `from this time; ${USUAL_DAYS} days before its end if left out`, moment)
    .option('--to <time>', 'before this time; now if left out', moment)
    .option('--organization <id>', organization)
    .option('--out <path>', 'where to; <export>.csv if left out');
}

async function listExports({ client, out }: Context, { journal }: { journal?: boolean }): Promise<void> {
  const kind = journal ? 'JOURNAL' : 'USAGE';
  const exports = await collect(
    async (page) => (await client.run(BILLING_EXPORTS, { ...page, kind })).billingExports,
    MOST_EXPORTS,
  );
  out.result(exports, () => {
    if (exports.length === 0) return 'No exports.';
    return table(
      exports,
      [
        { title: 'EXPORT', value: ({ id }) => id },
        { title: 'PARTNER', value: ({ partnerId }) => partnerId ?? 'all' },
        { title: 'FROM', value: ({ from }) => formatTime(from) },
        { title: 'TO', value: ({ to }) => formatTime(to) },
        { title: 'STATE', value: (one) => stateOf(one, out.style) },
        { title: 'ROWS', value: ({ rows }) => formatInteger(rows), align: 'right' },
        { title: 'BYTES', value: ({ bytes }) => formatInteger(bytes), align: 'right' },
        { title: 'EXPIRES', value: ({ expiresAt }) => formatTime(expiresAt) },
      ],
      out.style,
    );
  });
}

function maker(operation: MutationOperation<{ billingExport: BillingExport }, ExportRange>) {
  return async (context: Context, { organization, out: path, ...asked }: MakeOptions): Promise<void> => {
    const range = { ...spanOf(asked, context.terminal), organizationId: organization };
    const { billingExport } = await context.act(operation, range);
    context.out.note(`${billingExport.id} is made; broken off, it is fetched by forkpoint exports fetch`);
    await fetchExport(context, { out: path }, billingExport.id);
  };
}

async function fetchExport(context: Context, { out: path }: { out?: string }, id: string): Promise<void> {
  const made = await pollUntil(() => findExport(context, id), {
    until: ({ state }) => state !== 'QUEUED' && state !== 'RUNNING',
    what: `the file of ${id}`,
    withinSeconds: MADE_WITHIN_SECONDS,
    onValue: ({ rows }) => context.out.status(`The file is made: ${formatInteger(rows)} rows`),
  });
  if (made.failure) throw new RefusedError(`EXPORT_${made.failure.reason}`, made.failure.message);
  if (!made.file) throw new RefusedError('EXPORT_EXPIRED', `The file of ${id} is deleted: have it made again.`);
  await download(context, { request: made.file, path: path ?? `${id}.csv`, sha256: made.sha256 });
}

async function findExport({ client }: Context, id: string): Promise<ShownExport> {
  const { node } = await client.run(SHOW_EXPORT, { id });
  if (node?.rows === undefined) throw notFound('export', id);
  return node;
}

function stateOf({ state }: BillingExport, style: Style): string {
  const paints = { READY: style.green, RUNNING: style.yellow, FAILED: style.red } as const;
  return (paints[state as keyof typeof paints] ?? style.dim)(formatConstant(state));
}
