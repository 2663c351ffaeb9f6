import { useNavigate } from '@tanstack/react-router';
import { Gift, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import { Button, EmptyState, Field, Loaded, NoPermission, PageHeader, Pagination, Select, usePage } from '../../ui';
import { type Contract, CreditBalances, CreditContracts, type CreditGrant, CreditsPage } from './documents';
import { GrantDialog } from './grant-dialog';
import { GrantTable } from './grant-table';
import { creditsRoute } from './route';
import { VoidDialog } from './void-dialog';

/** The credits of a contract: what is left of each, until when, and for what. */
export function CreditsScreen() {
  const { may } = useSession();
  return (
    <>
      <PageHeader title="Credits">
        A credit pays charges of a contract before anything else does, on invoices that are not final yet.
      </PageHeader>
      {may('INVOICES_READ') ? (
        <OfContracts />
      ) : (
        <NoPermission>Credits are for billing administrators, administrators and auditors.</NoPermission>
      )}
    </>
  );
}

function OfContracts() {
  const search = creditsRoute.useSearch();
  const request = useRequest(CreditContracts, {}, { alsoChangesWith: ['Contract'] });
  return (
    <Loaded request={request}>
      {({ contracts: { nodes } }) => {
        const chosen = nodes.find(({ id }) => id === search.contract) ?? nodes[0];
        return chosen ? (
          <div className="flex flex-col gap-4">
            <ContractChoice contracts={nodes} chosen={chosen} />
            <OfContract key={chosen.id} contract={chosen} />
          </div>
        ) : (
          <EmptyState icon={Gift} title="No contract is in force">
            Credits belong to a contract: there are none before one is accepted.
          </EmptyState>
        );
      }}
    </Loaded>
  );
}

function ContractChoice({ contracts, chosen }: { contracts: readonly Contract[]; chosen: Contract }) {
  const { organization } = useSession();
  const navigate = useNavigate();
  const choose = (contract: string) =>
    void navigate({ to: paths.credits(), search: { contract } as never, replace: true });
  return (
    <Field label="Contract" className="w-80 max-w-full">
      <Select value={chosen.id} onChange={({ target }) => choose(target.value)}>
        {contracts.map(({ id, name, organization: partner }) => (
          <option key={id} value={id}>
            {organization.kind === 'LAB' ? `${partner.name}: ${name}` : name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function OfContract({ contract }: { contract: Contract }) {
  const { organization } = useSession();
  const whyNot = useWhyNot()('CREDITS_WRITE');
  const { page, next, previous } = usePage(20);
  const [isGranting, setGranting] = useState(false);
  const [voiding, setVoiding] = useState<CreditGrant | null>(null);
  const request = useRequest(
    CreditsPage,
    { ...page, contractId: contract.id },
    { alsoChangesWith: ['CreditGrant', 'CreditGrantPayload'] },
  );
  const balances = useBalances(contract.id);
  const isLab = organization.kind === 'LAB';
  const button = isLab && (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setGranting(true)}>
      Grant a credit
    </Button>
  );
  return (
    <>
      {button && <div>{button}</div>}
      <Loaded request={request}>
        {({ creditGrants: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={Gift} title="No credits yet">
              {isLab ? 'What you grant pays from then on, and never reaches back.' : 'The lab has granted none to you.'}
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <GrantTable
                grants={nodes}
                currency={contract.currency}
                balances={balances}
                whyNotVoid={isLab ? { reason: whyNot } : null}
                onVoid={setVoiding}
              />
              <Pagination of="credits" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
      {isGranting && <GrantDialog contract={contract} onClose={() => setGranting(false)} />}
      {voiding && <VoidDialog grant={voiding} onClose={() => setVoiding(null)} />}
    </>
  );
}

/** In minor units, by grant: what the running month has left of those that can pay in it. */
function useBalances(contractId: string): ReadonlyMap<string, string> {
  const request = useRequest(CreditBalances, { contractId }, { alsoChangesWith: ['CreditGrant'] });
  const document = request.status === 'ready' ? request.data.invoicePreview?.document : undefined;
  return useMemo(() => {
    const { credits } = JSON.parse(document ?? '{"credits":[]}') as {
      credits: Array<{ grantId: string; balanceMinor: string }>;
    };
    return new Map(credits.map(({ grantId, balanceMinor }) => [grantId, balanceMinor]));
  }, [document]);
}
