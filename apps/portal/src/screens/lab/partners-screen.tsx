import { Building2, Plus } from 'lucide-react';
import { useState } from 'react';
import { type ResultOf, useRequest } from '../../api';
import { paths, useWhyNot } from '../../app';
import { words } from '../../format';
import { Button, EmptyState, Loaded, PageHeader, Pagination, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { CreatePartnerDialog } from './create-partner';
import { PartnersPage } from './documents';

type Organization = ResultOf<typeof PartnersPage>['organizations']['nodes'][number];

export function PartnersScreen() {
  const whyNot = useWhyNot()('ORGANIZATION_WRITE');
  const { page, next, previous } = usePage(25);
  const request = useRequest(PartnersPage, page, { alsoChangesWith: ['Organization'] });
  const [creating, setCreating] = useState(false);
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setCreating(true)}>
      New partner
    </Button>
  );
  return (
    <>
      <PageHeader title="Partners" actions={button}>
        Organizations on the platform. Their data is theirs; the lab sees usage and entitlements.
      </PageHeader>
      <Loaded request={request}>
        {({ organizations: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={Building2} title="No partners yet" actions={button} />
          ) : (
            <div className="flex flex-col gap-3">
              <Table caption="Organizations" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination
                of="organizations"
                info={pageInfo}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </div>
          )
        }
      </Loaded>
      {creating && <CreatePartnerDialog onClose={() => setCreating(false)} />}
    </>
  );
}

const COLUMNS: ReadonlyArray<Column<Organization>> = [
  {
    id: 'name',
    header: 'Name',
    wide: true,
    sortBy: ({ name }) => name.toLowerCase(),
    cell: ({ name, slug }) => (
      <>
        <span className="font-medium">{name}</span>{' '}
        <span className="ml-1 font-mono text-sm text-ink-faint">{slug}</span>
      </>
    ),
  },
  { id: 'kind', header: 'Kind', sortBy: ({ kind }) => kind, cell: ({ kind }) => words(kind) },
  {
    id: 'created',
    header: 'Founded',
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: 'links',
    header: 'See',
    cell: ({ id, kind, name }) =>
      kind === 'PARTNER' && (
        <span className="flex gap-3">
          <TextLink to={paths.lab('entitlements')} search={{ partner: id } as never}>
            Entitlements<span className="sr-only"> of {name}</span>
          </TextLink>
          <TextLink to={paths.usage()} search={{ organization: id } as never}>
            Usage<span className="sr-only"> of {name}</span>
          </TextLink>
        </span>
      ),
  },
];
