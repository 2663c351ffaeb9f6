import { readFile } from 'node:fs/promises';
import { type Commands, moment } from '../commands.js';
import type { Context } from '../context.js';
import {
  ACCEPT_LICENSE,
  LICENSE_ACCEPTANCES,
  LICENSE_TEXT,
  LICENSES,
  type License,
  OUTSTANDING_LICENSES,
  PUBLISH_LICENSE,
} from '../documents/licenses.js';
import { collect } from '../documents/shared.js';
import { notFound } from '../failure.js';
import { formatTime } from '../output/format.js';
import { table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface PublishOptions {
  file: string;
  from?: Date;
  onlyToRead?: boolean;
  allowsOffering?: boolean;
}

const MOST = 1_000;

export function addLicenseCommands(commands: Commands): void {
  commands.group('licenses', 'Licences: what checkpoints stand under, and who accepted it', (group) =>
    group
      .read<{ name?: string }>(
        'list',
        'List licence documents in all versions, newest first',
        listLicenses,
        (command) => command.option('--name <name>', 'only the versions of this one'),
        { isDefault: true },
      )
      .read(
        'outstanding',
        'What your organization has to accept before it uses what it is entitled to',
        listOutstanding,
      )
      .read('text <license>', 'Print what a version says, to the byte', printText)
      .act<{ document: string }>(
        'accept <license>',
        'Accept a version for your organization; for people of a partner',
        acceptLicense,
        (command) => command.requiredOption('--document <sha256>', 'of the text that you read'),
      )
      .read<{ license?: string; organization?: string }>(
        'acceptances',
        'Who accepted what, the latest first',
        listAcceptances,
        (command) =>
          command
            .option('--license <id>', 'only of this version')
            .option('--organization <id>', 'only of this partner; for the lab'),
      )
      .act<PublishOptions>(
        'publish <name>',
        'Publish the next version of a document; for the lab',
        publish,
        (command) =>
          command
            .requiredOption('--file <path>', 'what it says: text in UTF-8')
            .option('--from <time>', 'from when on it holds; as early as may be if left out', moment)
            .option('--only-to-read', 'it does not have to be accepted')
            .option('--allows-offering', 'partners may list variants of what stands under it'),
      ),
  );
}

async function listLicenses({ client, out }: Context, { name }: { name?: string }): Promise<void> {
  const licenses = await collect(async (page) => (await client.run(LICENSES, { ...page, name })).licenses, MOST);
  out.result(licenses, () => licenseTable(licenses, out.style));
}

async function listOutstanding({ client, out }: Context): Promise<void> {
  const { outstandingLicenses } = await client.run(OUTSTANDING_LICENSES, {});
  out.result(outstandingLicenses, () =>
    outstandingLicenses.length === 0 ? 'Nothing has to be accepted.' : licenseTable(outstandingLicenses, out.style),
  );
}

function licenseTable(licenses: readonly License[], style: Style): string {
  if (licenses.length === 0) return 'No licence documents.';
  return table(
    licenses,
    [
      { title: 'LICENCE', value: ({ id }) => id },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'VERSION', value: ({ version }) => String(version), align: 'right' },
      { title: 'HOLDS FROM', value: ({ requiredFrom }) => formatTime(requiredFrom) },
      { title: 'HAS TO BE ACCEPTED', value: ({ requiresAcceptance }) => (requiresAcceptance ? 'yes' : 'no') },
      { title: 'ALLOWS OFFERING', value: ({ allowsOffering }) => (allowsOffering ? 'yes' : 'no') },
      { title: 'ACCEPTED', value: ({ acceptance }) => formatTime(acceptance?.acceptedAt ?? null) },
      { title: 'SHA-256', value: ({ sha256 }) => sha256 },
    ],
    style,
  );
}

async function printText({ client, out }: Context, _: object, id: string): Promise<void> {
  const { node } = await client.run(LICENSE_TEXT, { id });
  if (node?.text === undefined) throw notFound('licence', id);
  const { text } = node;
  // Without a line break of its own, so that its hash is the one that is accepted.
  if (out.json) out.result(node, () => text);
  else out.raw(text);
}

async function acceptLicense(context: Context, { document: sha256 }: { document: string }, id: string): Promise<void> {
  const { licenseAcceptance } = await context.act(ACCEPT_LICENSE, { licenseId: id, sha256 });
  context.out.result(licenseAcceptance, () => `${id} is accepted: ${licenseAcceptance.id}`);
}

async function listAcceptances(
  { client, out }: Context,
  { license, organization }: { license?: string; organization?: string },
): Promise<void> {
  const filter = { licenseId: license, organizationId: organization };
  const acceptances = await collect(
    async (page) => (await client.run(LICENSE_ACCEPTANCES, { ...page, ...filter })).licenseAcceptances,
    MOST,
  );
  out.result(acceptances, () => {
    if (acceptances.length === 0) return 'Nothing was accepted.';
    return table(
      acceptances,
      [
        { title: 'ACCEPTANCE', value: ({ id }) => id },
        { title: 'NAME', value: ({ license: accepted }) => accepted?.name ?? '' },
        { title: 'VERSION', value: ({ license: accepted }) => String(accepted?.version ?? ''), align: 'right' },
        { title: 'FOR', value: ({ organization: partner }) => partner?.name ?? '' },
        { title: 'BY', value: ({ acceptedBy }) => acceptedBy },
        { title: 'WHEN', value: ({ acceptedAt }) => formatTime(acceptedAt) },
        { title: 'SHA-256', value: ({ sha256 }) => sha256 },
      ],
      out.style,
    );
  });
}

async function publish(
  context: Context,
  { file, from, onlyToRead, allowsOffering = false }: PublishOptions,
  name: string,
): Promise<void> {
  const { license } = await context.act(PUBLISH_LICENSE, {
    name,
    text: await readFile(file, 'utf8'),
    requiresAcceptance: !onlyToRead,
    allowsOffering,
    requiredFrom: from?.toISOString(),
  });
  context.out.result(license, () => `Version ${license.version} of ${license.name} is published: ${license.id}`);
}
