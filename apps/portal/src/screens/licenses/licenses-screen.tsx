import { Plus, Scale } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import {
  Button,
  EmptyState,
  Hash,
  Loaded,
  NoPermission,
  Notice,
  PageHeader,
  Pagination,
  Section,
  TextLink,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { Acceptances } from './acceptances';
import { type License, LicensesPage } from './documents';
import { PublishDialog } from './publish-dialog';
import { Standing } from './standing';

/** Under what checkpoints may be used, in all versions, and who accepted which. */
export function LicensesScreen() {
  const { may, organization } = useSession();
  const isLab = organization.kind === 'LAB';
  return (
    <>
      <PageHeader title="Licences" actions={isLab && <Publish />}>
        Checkpoints stand under a licence. Where one has to be accepted, nothing new of them begins before a person has
        done that for {isLab ? 'the partner' : 'your organization'}.
      </PageHeader>
      <div className="flex flex-col gap-8">
        {may('CATALOG_READ') ? (
          <Documents />
        ) : (
          <NoPermission>The documents are for roles with the permission catalog:read.</NoPermission>
        )}
        {may('CONTRACTS_READ') && (
          <Section title="Accepted" description="Never changed, and never deleted.">
            <Acceptances />
          </Section>
        )}
      </div>
    </>
  );
}

function Publish() {
  const whyNot = useWhyNot()('CATALOG_PUBLISH');
  const [isPublishing, setPublishing] = useState(false);
  return (
    <>
      <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setPublishing(true)}>
        Publish a version
      </Button>
      {isPublishing && <PublishDialog onClose={() => setPublishing(false)} />}
    </>
  );
}

function Documents() {
  const { page, next, previous } = usePage(20);
  const request = useRequest(LicensesPage, page, { alsoChangesWith: ['License', 'LicenseAcceptance'] });
  return (
    <Loaded request={request}>
      {({ licenses: { nodes, pageInfo }, outstandingLicenses }) => {
        if (nodes.length === 0) {
          return (
            <EmptyState icon={Scale} title="No licence documents">
              Checkpoints name their licence all the same; none of them has to be accepted here.
            </EmptyState>
          );
        }
        const outstanding = new Set(outstandingLicenses.map(({ id }) => id));
        return (
          <div className="flex flex-col gap-3">
            {outstanding.size > 0 && (
              <Notice tone="warn" title="Your organization has to accept a licence">
                Nothing new of what stands under it begins before. Open it, read it and accept it.
              </Notice>
            )}
            <LicenseTable licenses={nodes} outstanding={outstanding} />
            <Pagination of="licences" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
          </div>
        );
      }}
    </Loaded>
  );
}

function LicenseTable({ licenses, outstanding }: { licenses: License[]; outstanding: ReadonlySet<string> }) {
  const columns: ReadonlyArray<Column<License>> = [
    {
      id: 'name',
      header: 'Licence',
      wide: true,
      sortBy: ({ name, version }) => `${name} ${String(version).padStart(9, '0')}`,
      cell: ({ id, name, version }) => (
        <TextLink to={paths.license(id)}>
          {name}, version {version}
        </TextLink>
      ),
    },
    {
      id: 'from',
      header: 'Holds from',
      sortBy: ({ requiredFrom }) => requiredFrom,
      cell: ({ requiredFrom }) => <Time at={requiredFrom} style="minute" />,
    },
    { id: 'standing', header: 'State', cell: (license) => <Standing {...{ license, outstanding }} /> },
    {
      id: 'sha256',
      header: 'SHA-256',
      cell: ({ sha256, name, version }) => <Hash sha256={sha256} of={`${name}, version ${version}`} />,
    },
  ];
  return <Table caption="Licence documents" columns={columns} rows={licenses} rowId={({ id }) => id} />;
}
