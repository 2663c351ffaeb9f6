import { useRequest } from '../../api';
import { words } from '../../format';
import { Card, Code, CopyButton, EmptyState, type Fact, Facts, Loaded, LoadingState, Section, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type ContractVersion, ContractVersionPart, type ListedVersion, type Signature } from './documents';
import { Redline } from './redline';
import { VersionStatus } from './states';
import { TermsSection } from './terms-section';
import { VersionActions } from './version-actions';

interface VersionPartProps {
  id: string;
  against: ListedVersion | undefined;
  /** The contract's. */
  currency: string;
}

/** One version: where it stands, what it says, what it changes, and the document that is signed. */
export function VersionPart({ id, against, currency }: VersionPartProps) {
  const request = useRequest(ContractVersionPart, { id, against: against?.id });
  return (
    <Loaded request={request} skeleton={<LoadingState lines={8} label="Loading the version" />}>
      {({ node }) =>
        node && 'document' in node ? (
          <Version version={node} against={against} currency={currency} />
        ) : (
          <EmptyState title="This version is not here">It may have been withdrawn before it was offered.</EmptyState>
        )
      }
    </Loaded>
  );
}

interface VersionProps extends Omit<VersionPartProps, 'id'> {
  version: ContractVersion;
}

function Version({ version, against, currency }: VersionProps) {
  const { number, state, summary, terms, document, documentSha256, signatures, redline } = version;
  return (
    <>
      <Card
        title={`Version ${number}`}
        description={summary || undefined}
        actions={<VersionActions key={version.id} version={version} />}
      >
        <p>
          <VersionStatus state={state} />
        </p>
        <Facts columns facts={historyOf(version)} />
      </Card>
      <TermsSection terms={terms} currency={currency} />
      <Section
        title={against ? `What differs from version ${against.number}` : 'What it changes'}
        description="Against the version accepted before, unless you choose another; of a first version, all that it says."
      >
        <Redline changes={redline} />
      </Section>
      <Section
        title="The document"
        description="What both sides read and sign, in canonical JSON. Whoever signs names its hash: another document is refused."
      >
        <p className="flex flex-wrap items-center gap-2">
          <span className="text-sm text-ink-faint">SHA-256</span>
          <span className="font-mono text-sm break-all">{documentSha256}</span>
          <CopyButton text={documentSha256} what="the hash" />
        </p>
        <Code label="the canonical JSON" code={JSON.stringify(JSON.parse(document), null, 2)} />
      </Section>
      {signatures.length > 0 && (
        <Section title="Signatures">
          <Table caption="Who signed" columns={SIGNATURE_COLUMNS} rows={signatures} rowId={({ side }) => side} />
        </Section>
      )}
    </>
  );
}

/** What happened to it and by whom, where the reader may know. */
function historyOf(version: ContractVersion): Fact[] {
  const { effectiveFrom, draftedAt, submittedAt, returnedAt, offeredAt, decidedAt } = version;
  const steps: ReadonlyArray<[label: string, at: string | null, who: string | undefined, why?: string | null]> = [
    ['Drafted', draftedAt, version.drafter?.displayName],
    ['Submitted', submittedAt, version.submitter?.displayName],
    ['Given back', returnedAt, undefined, version.returnReason],
    ['Offered', offeredAt, version.approver?.displayName],
    [words(version.state), decidedAt, version.decider?.displayName, version.decisionReason],
  ];
  return [
    { label: 'Takes effect', value: effectiveFrom ? <Time at={effectiveFrom} style="minute" /> : 'On acceptance' },
    ...steps.flatMap(([label, at, who, why]) =>
      at
        ? [
            {
              label,
              value: (
                <>
                  <Time at={at} style="minute" />
                  {who && ` by ${who}`}
                  {why && <span className="block text-ink-soft">“{why}”</span>}
                </>
              ),
            },
          ]
        : [],
    ),
  ];
}

const SIGNATURE_COLUMNS: ReadonlyArray<Column<Signature>> = [
  { id: 'side', header: 'For', cell: ({ side }) => `The ${side.toLowerCase()}` },
  { id: 'name', header: 'Signed by', wide: true, cell: ({ signatoryName }) => signatoryName },
  { id: 'title', header: 'As', cell: ({ signatoryTitle }) => signatoryTitle },
  { id: 'at', header: 'When', cell: ({ signedAt }) => <Time at={signedAt} style="minute" /> },
  {
    id: 'document',
    header: 'Document',
    cell: ({ documentSha256 }) => (
      <span className="font-mono text-sm" title={documentSha256}>
        {documentSha256.slice(0, 12)}…
      </span>
    ),
  },
];
