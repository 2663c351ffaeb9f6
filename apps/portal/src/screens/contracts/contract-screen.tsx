import { useNavigate } from '@tanstack/react-router';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { plural, words } from '../../format';
import { Card, EmptyState, Facts, Field, LinkButton, Loaded, NoPermission, PageHeader, Select, Time } from '../../ui';
import { ContractPage, type ContractWithVersions, type ListedVersion } from './documents';
import { Forecast } from './forecast';
import { type ContractSearch, contractRoute } from './route';
import { ContractStatus } from './states';
import { VersionPart } from './version-part';

const CRUMBS = [{ label: 'Contracts', to: paths.contracts() }];

/** What two sides agree on: its versions, what each changes, and what the reader may do about it. */
export function ContractScreen() {
  const { id } = contractRoute.useParams();
  const { may } = useSession();
  if (!may('CONTRACTS_READ')) {
    return (
      <>
        <PageHeader title="Contract" crumbs={CRUMBS} />
        <NoPermission>Contracts are for billing administrators, administrators and auditors.</NoPermission>
      </>
    );
  }
  return <KnownContract key={id} id={id} />;
}

function KnownContract({ id }: { id: string }) {
  const request = useRequest(ContractPage, { id });
  const node = request.status === 'ready' ? request.data.node : null;
  if (!node || !('versions' in node)) {
    return (
      <>
        <PageHeader title="Contract" crumbs={CRUMBS} />
        <Loaded request={request}>{() => <Gone />}</Loaded>
      </>
    );
  }
  return <Loaded request={request}>{() => <Found contract={node} />}</Loaded>;
}

function Gone() {
  return (
    <EmptyState
      title="There is no such contract"
      actions={<LinkButton to={paths.contracts()}>All contracts</LinkButton>}
    >
      It may be another organization's, or not offered yet.
    </EmptyState>
  );
}

function Found({ contract }: { contract: ContractWithVersions }) {
  const search = contractRoute.useSearch();
  const { versions } = contract;
  const version = versions.find(({ number }) => number === search.version) ?? versions.at(-1);
  const against = versions.find(({ number }) => number === search.against && number !== version?.number);
  return (
    <>
      <PageHeader
        title={contract.name}
        crumbs={CRUMBS}
        status={<ContractStatus state={contract.state} />}
        actions={<DraftLink contract={contract} />}
      >
        Between {contract.lab.name} and {contract.organization.name}
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Agreement contract={contract} />
        <Forecast contract={contract} />
        {version && (
          <>
            <VersionChoice versions={versions} version={version} against={against} />
            <VersionPart key={version.id} id={version.id} against={against} currency={contract.currency} />
          </>
        )}
      </div>
    </>
  );
}

/** For the lab: to the draft that is open, or to a new one. */
function DraftLink({ contract: { id, state, versions } }: { contract: ContractWithVersions }) {
  const { may } = useSession();
  const isOpen = versions.some((version) => version.state === 'IN_REVIEW' || version.state === 'OFFERED');
  if (!may('CONTRACTS_WRITE') || state === 'ABANDONED' || isOpen) return null;
  const hasDraft = versions.some((version) => version.state === 'DRAFT');
  return <LinkButton to={paths.draftOfContract(id)}>{hasDraft ? 'Change the draft' : 'Amend'}</LinkButton>;
}

function Agreement({ contract }: { contract: ContractWithVersions }) {
  const { currency, startsAt, endsAt, graceDays, purchaseOrder, versionInForce } = contract;
  return (
    <Card title="The agreement">
      <Facts
        columns
        facts={[
          { label: 'In force', value: versionInForce ? `Version ${versionInForce.number}` : 'No version' },
          { label: 'Starts', value: startsAt ? <Time at={startsAt} style="minute" /> : 'On acceptance' },
          { label: 'Ends', value: <Time at={endsAt} style="minute" /> },
          { label: 'Currency', value: currency },
          { label: 'Late usage', value: `${plural(graceDays, 'day')} after a month` },
          { label: 'Purchase order', value: purchaseOrder ?? 'None' },
        ]}
      />
    </Card>
  );
}

interface VersionChoiceProps {
  versions: readonly ListedVersion[];
  version: ListedVersion;
  against: ListedVersion | undefined;
}

/** Both lie in the address: a link leads to the same comparison. */
function VersionChoice({ versions, version, against }: VersionChoiceProps) {
  const navigate = useNavigate();
  const change = (next: ContractSearch) =>
    void navigate({ to: '.', search: ((old: object) => ({ ...old, ...next })) as never, resetScroll: false });
  return (
    <div className="flex flex-wrap gap-4">
      <Field label="Version">
        <Select
          value={version.number}
          onChange={({ target }) => change({ version: Number(target.value), against: undefined })}
        >
          {versions.toReversed().map(({ id, number, state }) => (
            <option key={id} value={number}>
              {number}, {words(state).toLowerCase()}
            </option>
          ))}
        </Select>
      </Field>
      {versions.length > 1 && (
        <Field label="Compared with">
          <Select
            value={against?.number ?? ''}
            onChange={({ target }) => change({ against: target.value ? Number(target.value) : undefined })}
          >
            <option value="">The one accepted before</option>
            {versions
              .filter(({ number }) => number !== version.number)
              .map(({ id, number, state }) => (
                <option key={id} value={number}>
                  {number}, {words(state).toLowerCase()}
                </option>
              ))}
          </Select>
        </Field>
      )}
    </div>
  );
}
