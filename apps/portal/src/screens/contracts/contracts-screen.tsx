import { FileSignature, Plus } from 'lucide-react';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { EmptyState, LinkButton, Loaded, PageHeader, Pagination, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type Contract, ContractsPage } from './documents';
import { ContractStatus } from './states';

/** All contracts of the lab, or those that a partner was offered. */
export function ContractsScreen() {
  const { organization, may } = useSession();
  const isLab = organization.kind === 'LAB';
  const { page, next, previous } = usePage(20);
  const request = useRequest(ContractsPage, page, { alsoChangesWith: ['Contract'] });
  const button = may('CONTRACTS_WRITE') && (
    <LinkButton kind="primary" icon={Plus} to={paths.newContract()}>
      Draft a contract
    </LinkButton>
  );
  return (
    <>
      <PageHeader title="Contracts" actions={button}>
        What {isLab ? 'each partner' : 'you and the lab'} agreed on. Versions that both sides signed never change.
      </PageHeader>
      <Loaded request={request}>
        {({ contracts: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={FileSignature} title="No contracts yet" actions={button}>
              {isLab ? 'A draft is the lab’s own until it is offered.' : 'The lab has not offered one to you.'}
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <Table caption="Contracts" columns={isLab ? LAB_COLUMNS : COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination
                of="contracts"
                info={pageInfo}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </div>
          )
        }
      </Loaded>
    </>
  );
}

const COLUMNS: ReadonlyArray<Column<Contract>> = [
  {
    id: 'name',
    header: 'Contract',
    wide: true,
    sortBy: ({ name }) => name,
    cell: ({ id, name }) => <TextLink to={paths.contract(id)}>{name}</TextLink>,
  },
  { id: 'state', header: 'State', sortBy: ({ state }) => state, cell: ({ state }) => <ContractStatus state={state} /> },
  { id: 'currency', header: 'Currency', sortBy: ({ currency }) => currency, cell: ({ currency }) => currency },
  {
    id: 'starts',
    header: 'Starts',
    sortBy: ({ startsAt }) => startsAt ?? '',
    cell: ({ startsAt }) => (startsAt ? <Time at={startsAt} style="day" /> : 'On acceptance'),
  },
  {
    id: 'ends',
    header: 'Ends',
    sortBy: ({ endsAt }) => endsAt,
    cell: ({ endsAt }) => <Time at={endsAt} style="day" />,
  },
];

const LAB_COLUMNS: ReadonlyArray<Column<Contract>> = [
  ...COLUMNS.slice(0, 1),
  {
    id: 'partner',
    header: 'Partner',
    sortBy: ({ organization }) => organization.name,
    cell: ({ organization }) => organization.name,
  },
  ...COLUMNS.slice(1),
];
