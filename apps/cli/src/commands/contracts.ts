import { type Commands, integer } from '../commands.js';
import type { Context } from '../context.js';
import {
  CONTRACTS,
  type Contract,
  type ContractVersion,
  REDLINE,
  SHOW_CONTRACT,
  VERSION_DOCUMENT,
} from '../documents/contracts.js';
import { collect } from '../documents/shared.js';
import { notFound } from '../failure.js';
import { formatConstant, formatTime, toConstant } from '../output/format.js';
import { fields, table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface ListOptions {
  state?: string;
  organization?: string;
  limit: number;
}

/** What one reads of contracts. */
export function addContractCommands(group: Commands): void {
  group
    .read<ListOptions>(
      'list',
      'List contracts, newest first',
      listContracts,
      (command) =>
        command
          .option('--state <state>', 'negotiating, in-force or abandoned')
          .option('--organization <id>', 'with this partner; for the lab')
          .option('--limit <count>', 'at most so many', integer(1, 10_000), 50),
      { isDefault: true },
    )
    .read('show <contract>', 'Show a contract, its versions and who signed them', showContract)
    .read('document <version>', 'Print the document that is signed, to the byte', printDocument)
    .read<{ against?: string }>(
      'redline <version>',
      'Show what a version changes: against the one that it amends',
      showRedline,
      (command) => command.option('--against <version>', 'or against this one'),
    );
}

async function listContracts(context: Context, { state, organization, limit }: ListOptions): Promise<void> {
  const { client, out } = context;
  const filter = { organizationId: organization, state: state && toConstant(state) };
  const contracts = await collect(
    async (page) => (await client.run(CONTRACTS, { ...page, ...filter })).contracts,
    limit,
  );
  out.result(contracts, () => {
    if (contracts.length === 0) return 'No contracts.';
    return table(
      contracts,
      [
        { title: 'CONTRACT', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'PARTNER', value: ({ organization }) => organization.name },
        { title: 'STATE', value: (contract) => stateOf(contract, out.style) },
        { title: 'VERSION', value: ({ versionInForce }) => String(versionInForce?.number ?? ''), align: 'right' },
        { title: 'CURRENCY', value: ({ currency }) => currency },
        { title: 'STARTS', value: ({ startsAt }) => formatTime(startsAt) },
        { title: 'ENDS', value: ({ endsAt }) => formatTime(endsAt) },
      ],
      out.style,
    );
  });
}

async function showContract({ client, out }: Context, _: object, id: string): Promise<void> {
  const { node } = await client.run(SHOW_CONTRACT, { id });
  if (node?.name === undefined) throw notFound('contract', id);
  out.result(node, () => {
    const about = fields(
      [
        ['Contract', out.style.bold(node.name)],
        ['Id', node.id],
        ['Between', `${node.lab.name} and ${node.organization.name}`],
        ['State', stateOf(node, out.style)],
        ['Suspended', node.suspension && `${node.suspension.reason} (${node.suspension.clause})`],
        ['Term', `${formatTime(node.startsAt) || 'from acceptance'} to ${formatTime(node.endsAt)}`],
        ['Currency', node.currency],
        ['Grace', `${node.graceDays} days`],
        ['Purchase order', node.purchaseOrder],
      ],
      out.style,
    );
    return `${about}\n\n${versionTable(node.versions, out.style)}`;
  });
}

async function printDocument({ client, out }: Context, _: object, id: string): Promise<void> {
  const { node } = await client.run(VERSION_DOCUMENT, { id });
  if (node?.document === undefined) throw notFound('version', id);
  const { document } = node;
  // Without a line break of its own, so that its hash is the one that is signed.
  if (out.json) out.result(node, () => document);
  else out.raw(document);
}

async function showRedline({ client, out }: Context, { against }: { against?: string }, id: string): Promise<void> {
  const { node } = await client.run(REDLINE, { id, against });
  if (node?.redline === undefined) throw notFound('version', id);
  const { redline } = node;
  out.result(redline, () => {
    if (redline.length === 0) return 'Nothing changes.';
    return table(
      redline,
      [
        { title: 'CLAUSE', value: ({ clause }) => formatConstant(clause) },
        { title: 'WHERE', value: ({ path }) => path.join('.') },
        { title: 'BEFORE', value: ({ before }) => out.style.red(before ?? '') },
        { title: 'AFTER', value: ({ after }) => out.style.green(after ?? '') },
      ],
      out.style,
    );
  });
}

function versionTable(versions: readonly ContractVersion[], style: Style): string {
  return table(
    versions,
    [
      { title: 'VERSION', value: ({ number }) => String(number), align: 'right' },
      { title: 'ID', value: ({ id }) => id },
      { title: 'STATE', value: ({ state }) => formatConstant(state) },
      { title: 'EFFECTIVE', value: ({ effectiveFrom }) => formatTime(effectiveFrom) },
      {
        title: 'SIGNED BY',
        value: ({ signatures }) => signatures.map(({ signatoryName }) => signatoryName).join(', '),
      },
      { title: 'SUMMARY', value: ({ summary }) => summary.split('\n')[0]! },
    ],
    style,
  );
}

function stateOf({ state, suspension }: Contract, style: Style): string {
  if (suspension) return style.red('suspended');
  return state === 'IN_FORCE' ? style.green('in force') : formatConstant(state);
}
