import { BookOpenText, HandCoins } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { EmptyState, LinkButton, Loaded, NoPermission, PageHeader } from '../../ui';
import { BalanceTable } from './balance-table';
import { type Balance, PayoutBalances } from './documents';
import { PayoutDialog } from './payout-dialog';
import { Payouts } from './payouts';
import { payoutsRoute } from './route';

/** What listings earned for their publishers, and what the lab paid of it: of all publishers for the lab, of itself for a partner. */
export function PayoutsScreen() {
  const { may, organization } = useSession();
  const isLab = organization.kind === 'LAB';
  return (
    <>
      <PageHeader title="Payouts" actions={may('LEDGER_READ') && !isLab && <StatementLink />}>
        {isLab
          ? 'What listings earned for their publishers by final invoices, and what you paid of it. You send the money by your bank, and enter here that you did.'
          : 'What your listings earned by final invoices of other partners, and what the lab paid of it by its bank.'}
      </PageHeader>
      {may('INVOICES_READ') ? (
        <Balances />
      ) : (
        <NoPermission>Payouts are for billing administrators, administrators and auditors.</NoPermission>
      )}
    </>
  );
}

function StatementLink() {
  return (
    <LinkButton icon={BookOpenText} to={paths.ledger()} search={{ account: 'PUBLISHER_PAYABLE' } as never}>
      Statement
    </LinkButton>
  );
}

function Balances() {
  const request = useRequest(PayoutBalances, {}, { alsoChangesWith: ['PublisherPayout', 'PublisherPayoutPayload'] });
  return (
    <Loaded request={request}>
      {({ publisherBalances }) =>
        publisherBalances.length === 0 ? <Nothing /> : <Known balances={publisherBalances} refresh={request.refresh} />
      }
    </Loaded>
  );
}

function Nothing() {
  const { organization, may } = useSession();
  if (organization.kind === 'LAB')
    return (
      <EmptyState icon={HandCoins} title="No publisher has earned anything yet">
        A listing earns its publisher a share once an invoice that charges its use is final.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={HandCoins}
      title="Your listings have earned nothing yet"
      actions={may('CATALOG_READ') && <LinkButton to={paths.listings()}>Listings</LinkButton>}
    >
      A variant that you offer to other partners earns you a share of what its use comes to, once the invoices that
      charge it are final.
    </EmptyState>
  );
}

/** Of which balance it is to be recorded is kept by its key: what is payable may change meanwhile. */
function Known({ balances, refresh }: { balances: readonly Balance[]; refresh: () => void }) {
  const search = payoutsRoute.useSearch();
  const [paying, setPaying] = useState<string | null>(null);
  const balance = balances.find((one) => balanceId(one) === paying);
  return (
    <div className="flex flex-col gap-8">
      <BalanceTable balances={balances} search={search} onPay={(chosen) => setPaying(balanceId(chosen))} />
      <Payouts balances={balances} refreshBalances={refresh} search={search} />
      {balance && <PayoutDialog balance={balance} onClose={() => setPaying(null)} />}
    </div>
  );
}

const balanceId = ({ organizationId, payable }: Balance) => `${organizationId} ${payable.currency}`;
