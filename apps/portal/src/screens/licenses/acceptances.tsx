import { useMemo } from 'react';
import { type Named, useNames, useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { EmptyState, Hash, Loaded, MadeBy, Pagination, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type Acceptance, LicenseAcceptances } from './documents';

/** Who accepted what and when: of all documents, or of one version. */
export function Acceptances({ licenseId }: { licenseId?: string }) {
  const { page, next, previous } = usePage(20, licenseId);
  const request = useRequest(
    LicenseAcceptances,
    { ...page, licenseId },
    { alsoChangesWith: ['LicenseAcceptance', 'LicenseAcceptancePayload'] },
  );
  return (
    <Loaded request={request}>
      {({ licenseAcceptances: { nodes, pageInfo } }) =>
        nodes.length === 0 ? (
          <EmptyState title="Accepted by nobody yet" />
        ) : (
          <div className="flex flex-col gap-3">
            <AcceptanceTable acceptances={nodes} />
            <Pagination
              of="acceptances"
              info={pageInfo}
              busy={request.refreshing}
              onNext={next}
              onPrevious={previous}
            />
          </div>
        )
      }
    </Loaded>
  );
}

function AcceptanceTable({ acceptances }: { acceptances: readonly Acceptance[] }) {
  const { organization } = useSession();
  const names = useNames(acceptances.map(({ acceptedBy }) => acceptedBy));
  const rows = useMemo(() => [...acceptances], [acceptances]);
  const columns = useMemo(() => columnsOf(names, organization.kind === 'LAB'), [names, organization.kind]);
  return <Table compact caption="Acceptances" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

function columnsOf(names: ReadonlyMap<string, Named>, isLab: boolean): ReadonlyArray<Column<Acceptance>> {
  const partner: Column<Acceptance> = { id: 'partner', header: 'Partner', cell: (row) => row.organization?.name };
  return [
    {
      id: 'license',
      header: 'Licence',
      wide: true,
      cell: ({ license }) =>
        license && (
          <TextLink to={paths.license(license.id)}>
            {license.name}, version {license.version}
          </TextLink>
        ),
    },
    ...(isLab ? [partner] : []),
    {
      id: 'by',
      header: 'By',
      cell: ({ acceptedBy }) => (
        <span className="block min-w-40">
          <MadeBy id={acceptedBy} names={names} />
        </span>
      ),
    },
    { id: 'at', header: 'When', cell: ({ acceptedAt }) => <Time at={acceptedAt} style="minute" /> },
    { id: 'sha256', header: 'SHA-256', cell: ({ sha256 }) => <Hash sha256={sha256} of="what was accepted" /> },
  ];
}
