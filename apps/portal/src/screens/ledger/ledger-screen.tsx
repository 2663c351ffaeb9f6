import { useNavigate } from '@tanstack/react-router';
import { BookOpenText, FileDown } from 'lucide-react';
import { useMemo } from 'react';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { PartnerChoice } from '../../partners';
import { EmptyState, LinkButton, Loaded, NoPermission, PageHeader } from '../../ui';
import { type AccountRow, Accounts } from './accounts';
import { type Account, LedgerPage } from './documents';
import { type LedgerSearch, ledgerRoute } from './route';
import { StatementPart } from './statement';

/** The lab's books about a partner, in double entry: what each account holds, and what moved it. */
export function LedgerScreen() {
  const { may, organization } = useSession();
  const search = ledgerRoute.useSearch();
  const choose = useChoose();
  const isLab = organization.kind === 'LAB';
  return (
    <>
      <PageHeader
        title="Ledger"
        actions={
          may('LEDGER_READ') && (
            <LinkButton
              icon={FileDown}
              to={paths.exports()}
              search={{ kind: 'JOURNAL', organization: search.organization } as never}
            >
              Export
            </LinkButton>
          )
        }
      >
        The lab’s books about {isLab ? 'a partner' : 'you'}, in double entry: what is due, prepaid, paid and earned.
        Nothing in them is changed or deleted.
      </PageHeader>
      {may('LEDGER_READ') ? (
        <div className="flex flex-col gap-5">
          {isLab && (
            <PartnerChoice
              none="Choose one"
              className="w-72"
              value={search.organization ?? ''}
              onChange={({ target }) => choose({ organization: target.value || undefined })}
            />
          )}
          {isLab && !search.organization ? (
            <EmptyState icon={BookOpenText} title="Choose a partner">
              Each has books of its own.
            </EmptyState>
          ) : (
            <Books key={search.organization} search={search} />
          )}
        </div>
      ) : (
        <NoPermission>The ledger is for billing administrators, administrators and auditors.</NoPermission>
      )}
    </>
  );
}

function useChoose() {
  const navigate = useNavigate();
  return (search: LedgerSearch) =>
    void navigate({ to: paths.ledger(), search: search as never, replace: true, resetScroll: false });
}

function Books({ search }: { search: LedgerSearch }) {
  const request = useRequest(LedgerPage, { organizationId: search.organization });
  return (
    <Loaded request={request}>{({ ledgerAccounts }) => <Known accounts={ledgerAccounts} search={search} />}</Loaded>
  );
}

function Known({ accounts, search }: { accounts: readonly Account[]; search: LedgerSearch }) {
  const choose = useChoose();
  const rows = useMemo(() => rowsOf(accounts), [accounts]);
  const chosen = chosenOf(rows, search);
  if (!chosen) {
    return (
      <EmptyState icon={BookOpenText} title="Nothing is on record yet">
        The first entries come with the first invoice that is final.
      </EmptyState>
    );
  }
  return (
    <>
      <Accounts rows={rows} chosen={chosen} search={search} />
      <StatementPart row={chosen} search={search} onDays={(days) => choose({ ...search, days: Number(days) })} />
    </>
  );
}

/** One for each account and currency in which something is on record. */
function rowsOf(accounts: readonly Account[]): AccountRow[] {
  return accounts.flatMap(({ balances, ...account }) => balances.map((balance) => ({ ...account, ...balance })));
}

/** As the address says; else what is due, which most come for. */
function chosenOf(rows: readonly AccountRow[], { account, currency }: LedgerSearch): AccountRow | undefined {
  return (
    rows.find(({ name, balance }) => name === account && balance.currency === currency) ??
    rows.find(({ name }) => name === (account ?? 'ACCOUNTS_RECEIVABLE')) ??
    rows[0]
  );
}
