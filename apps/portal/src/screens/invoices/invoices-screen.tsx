import { useNavigate } from '@tanstack/react-router';
import { ReceiptText } from 'lucide-react';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { words } from '../../format';
import {
  BilledAmount,
  Button,
  EmptyState,
  Field,
  Loaded,
  NoPermission,
  PageHeader,
  Pagination,
  Select,
  TextLink,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { InvoiceContracts, type InvoiceRow, InvoicesPage } from './documents';
import { INVOICE_STATES, type InvoicesSearch, invoicesRoute } from './route';
import { InvoiceStatus, invoiceTitle } from './states';

/** All invoices of the lab, or those of a partner: of past periods, and of the one that runs. */
export function InvoicesScreen() {
  const { may, organization } = useSession();
  return (
    <>
      <PageHeader title="Invoices">
        One for each calendar month of a contract, in UTC. It is final once its days of grace are over, and never
        changes from then on.
      </PageHeader>
      {may('INVOICES_READ') ? (
        <Invoices isLab={organization.kind === 'LAB'} />
      ) : (
        <NoPermission>Invoices are for billing administrators, administrators and auditors.</NoPermission>
      )}
    </>
  );
}

function Invoices({ isLab }: { isLab: boolean }) {
  const search = invoicesRoute.useSearch();
  const { page, next, previous } = usePage(20, JSON.stringify(search));
  const request = useRequest(
    InvoicesPage,
    { ...page, state: search.state, contractId: search.contract },
    { alsoChangesWith: ['Invoice'] },
  );
  return (
    <div className="flex flex-col gap-4">
      <Choices search={search} isLab={isLab} />
      <Loaded request={request}>
        {({ invoices: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <Nothing search={search} />
          ) : (
            <div className="flex flex-col gap-3">
              <Table caption="Invoices" columns={isLab ? LAB_COLUMNS : COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination of="invoices" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
    </div>
  );
}

function useChoose() {
  const navigate = useNavigate();
  return (search: InvoicesSearch) =>
    void navigate({ to: paths.invoices(), search: search as never, replace: true, resetScroll: false });
}

/** What is chosen lies in the address. */
function Choices({ search, isLab }: { search: InvoicesSearch; isLab: boolean }) {
  const choose = useChoose();
  const contracts = useRequest(InvoiceContracts, {}, { requestPolicy: 'cache-first' });
  return (
    <search className="flex flex-wrap gap-x-4 gap-y-3">
      <Field label="State" className="w-44">
        <Select
          value={search.state ?? ''}
          onChange={({ target }) =>
            choose({ ...search, state: (target.value || undefined) as InvoicesSearch['state'] })
          }
        >
          <option value="">Every state</option>
          {INVOICE_STATES.map((state) => (
            <option key={state} value={state}>
              {words(state)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Contract" className="w-72">
        <Select
          value={search.contract ?? ''}
          onChange={({ target }) => choose({ ...search, contract: target.value || undefined })}
        >
          <option value="">All contracts</option>
          {contracts.status === 'ready' &&
            contracts.data.contracts.nodes.map(({ id, name, organization }) => (
              <option key={id} value={id}>
                {isLab ? `${organization.name}: ${name}` : name}
              </option>
            ))}
        </Select>
      </Field>
    </search>
  );
}

function Nothing({ search }: { search: InvoicesSearch }) {
  const choose = useChoose();
  if (search.state || search.contract) {
    return (
      <EmptyState title="No such invoices" actions={<Button onClick={() => choose({})}>Show all</Button>}>
        None of the others has what you chose.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={ReceiptText} title="No invoices yet">
      The first one is begun within minutes of a contract’s start, and shows what the month costs so far.
    </EmptyState>
  );
}

const COLUMNS: ReadonlyArray<Column<InvoiceRow>> = [
  {
    id: 'invoice',
    header: 'Invoice',
    sortBy: ({ number, period }) => number ?? Number.MAX_SAFE_INTEGER - period,
    cell: (invoice) => (
      <TextLink to={paths.invoice(invoice.id)} className="whitespace-nowrap">
        {invoiceTitle(invoice)}
      </TextLink>
    ),
  },
  {
    id: 'contract',
    header: 'Contract',
    wide: true,
    sortBy: ({ contract }) => contract?.name ?? '',
    cell: ({ contract }) => contract && <TextLink to={paths.contract(contract.id)}>{contract.name}</TextLink>,
  },
  {
    id: 'from',
    header: 'From',
    sortBy: ({ from }) => from,
    cell: ({ from }) => <Time at={from} style="day" />,
  },
  { id: 'to', header: 'Until', sortBy: ({ to }) => to, cell: ({ to }) => <Time at={to} style="day" /> },
  { id: 'state', header: 'State', sortBy: ({ state }) => state, cell: ({ state }) => <InvoiceStatus state={state} /> },
  {
    id: 'due',
    header: 'Total',
    numeric: true,
    cell: ({ due }) => (due ? <BilledAmount amount={due} /> : <span className="text-ink-faint">Not final</span>),
  },
  { id: 'open', header: 'Open', numeric: true, cell: ({ open }) => open && <BilledAmount amount={open} /> },
];

const LAB_COLUMNS: ReadonlyArray<Column<InvoiceRow>> = [
  ...COLUMNS.slice(0, 1),
  {
    id: 'partner',
    header: 'Partner',
    sortBy: ({ contract }) => contract?.organization.name ?? '',
    cell: ({ contract }) => contract?.organization.name,
  },
  ...COLUMNS.slice(1),
];
