import type { MutationOperation } from '#libs/client';
import { type Commands, moment } from '../commands.js';
import type { Context } from '../context.js';
import { ContractDraft, ContractTerms, readDocument } from '../contract-terms.js';
import {
  ACCEPT_VERSION,
  AMEND_CONTRACT,
  type ContractVersion,
  DECLINE_VERSION,
  DRAFT_CONTRACT,
  OFFER_VERSION,
  RETURN_VERSION,
  type Signing,
  SUBMIT_VERSION,
  WITHDRAW_VERSION,
} from '../documents/contracts.js';
import { formatConstant } from '../output/format.js';
import { fields } from '../output/table.js';

interface SignOptions {
  as: string;
  title: string;
  document: string;
}

interface AmendOptions {
  terms: string;
  summary: string;
  effectiveFrom?: Date;
}

type VersionMutation<Input extends object> = MutationOperation<{ contractVersion: ContractVersion }, Input>;

/** From a draft to two signatures. */
export function addAgreementCommands(group: Commands): void {
  group
    .act<{ file: string }>('draft', 'Draft a contract with its first version; for the lab', draftContract, (command) =>
      command.requiredOption(
        '--file <path>',
        'JSON or YAML: organizationId, name, currency, endsAt, graceDays, summary, terms',
      ),
    )
    .act<AmendOptions>(
      'amend <contract>',
      'Draft a further version of a contract; for the lab',
      amendContract,
      (command) =>
        command
          .requiredOption(
            '--terms <path>',
            'JSON or YAML: prices, discounts, minimumMinor, commitments, taxBasisPoints, paymentDays, exportClearances, regions, retention',
          )
          .requiredOption('--summary <text>', 'what it changes, for people')
          .option('--effective-from <time>', 'when it takes effect; on acceptance if left out', moment),
    )
    .act('submit <version>', 'Give a draft to another person for approval; for the lab', submitVersion)
    .act<SignOptions>(
      'offer <version>',
      'Approve a version that others drafted, sign it and offer it; for the lab',
      signer(OFFER_VERSION),
      signature,
    )
    .act<SignOptions>(
      'accept <version>',
      'Sign an offer: its terms hold; for the partner',
      signer(ACCEPT_VERSION),
      signature,
    );
  const refusals = [
    ['return', 'Give a version in review back to be worked on; for the lab', RETURN_VERSION],
    ['decline', 'Refuse an offer; for the partner', DECLINE_VERSION],
    ['withdraw', 'Take back a version that is not decided; for the lab', WITHDRAW_VERSION],
  ] as const;
  for (const [name, description, operation] of refusals) {
    group.act<{ reason: string }>(`${name} <version>`, description, refuser(operation), (command) =>
      command.requiredOption('--reason <text>', 'why, for the others'),
    );
  }
}

const signature = (command: Parameters<NonNullable<Parameters<Commands['act']>[3]>>[0]) =>
  command
    .requiredOption('--as <name>', 'who signs')
    .requiredOption('--title <title>', 'as what they sign')
    .requiredOption(
      '--document <sha256>',
      'of the document that they have read: contracts document <version> | sha256sum',
    );

async function draftContract(context: Context, { file }: { file: string }): Promise<void> {
  const drafted = await context.act(DRAFT_CONTRACT, await readDocument(file, ContractDraft));
  const { contract, contractVersion } = drafted;
  context.out.result(drafted, () =>
    fields(
      [
        ['Contract', contract.id],
        ['Version', contractVersion.id],
        ['Document', contractVersion.documentSha256],
      ],
      context.out.style,
    ),
  );
  context.out.note(`Next: forkpoint contracts submit ${contractVersion.id}`);
}

async function amendContract(context: Context, options: AmendOptions, contractId: string): Promise<void> {
  const { summary, effectiveFrom } = options;
  const terms = await readDocument(options.terms, ContractTerms);
  const amendment = { contractId, summary, effectiveFrom: effectiveFrom?.toISOString(), terms };
  const { contractVersion } = await context.act(AMEND_CONTRACT, amendment);
  tell(context, contractVersion);
  context.out.note(`See what it changes: forkpoint contracts redline ${contractVersion.id}`);
}

async function submitVersion(context: Context, _: object, contractVersionId: string): Promise<void> {
  tell(context, (await context.act(SUBMIT_VERSION, { contractVersionId })).contractVersion);
}

function signer(operation: VersionMutation<Signing>) {
  return async (context: Context, { as, title, document }: SignOptions, contractVersionId: string): Promise<void> => {
    const signing = { contractVersionId, documentSha256: document, signatoryName: as, signatoryTitle: title };
    tell(context, (await context.act(operation, signing)).contractVersion);
  };
}

function refuser(operation: VersionMutation<{ contractVersionId: string; reason: string }>) {
  return async (context: Context, { reason }: { reason: string }, contractVersionId: string): Promise<void> => {
    tell(context, (await context.act(operation, { contractVersionId, reason })).contractVersion);
  };
}

function tell({ out }: Context, version: ContractVersion): void {
  out.result(version, () => `Version ${version.number} (${version.id}) is ${formatConstant(version.state)}.`);
}
