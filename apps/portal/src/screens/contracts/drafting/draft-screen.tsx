import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAction, useRequest } from '../../../api';
import { paths, useSession } from '../../../app';
import { words } from '../../../format';
import { EmptyState, LinkButton, Loaded, NoPermission, PageHeader, toast } from '../../../ui';
import { draftRoute } from '../route';
import { effectiveFromOf, frameOf, termsOf, valuesOf } from './convert';
import { AmendContract, type Contract, DraftingPage, ReviseContractVersion, type Version } from './documents';
import { DraftForm } from './draft-form';
import { FrameFields } from './frame-fields';
import type { Values } from './values';

/** Changes the draft of a contract, or begins one with the terms that were accepted last. */
export function DraftScreen() {
  const { id } = draftRoute.useParams();
  const { may } = useSession();
  return may('CONTRACTS_WRITE') ? (
    <OfContract key={id} id={id} />
  ) : (
    <>
      <PageHeader title="Draft" crumbs={[{ label: 'Contracts', to: paths.contracts() }]} />
      <NoPermission>Contracts are drafted by billing administrators of the lab.</NoPermission>
    </>
  );
}

function OfContract({ id }: { id: string }) {
  const request = useRequest(DraftingPage, { id });
  const node = request.status === 'ready' ? request.data.node : null;
  const contract = node && 'versions' in node ? node : null;
  const crumbs = [
    { label: 'Contracts', to: paths.contracts() },
    ...(contract ? [{ label: contract.name, to: paths.contract(id) }] : []),
  ];
  return (
    <>
      <PageHeader title={contract ? titleOf(contract) : 'Draft'} crumbs={crumbs} />
      <Loaded request={request}>
        {() => (contract ? <Draft contract={contract} /> : <EmptyState title="There is no such contract" />)}
      </Loaded>
    </>
  );
}

const UNDECIDED: ReadonlySet<Version['state']> = new Set(['DRAFT', 'IN_REVIEW', 'OFFERED']);
const openOf = ({ versions }: Contract) => versions.find(({ state }) => UNDECIDED.has(state));
const acceptedOf = ({ versions }: Contract) => versions.findLast(({ state }) => state === 'ACCEPTED');

function titleOf(contract: Contract): string {
  const open = openOf(contract);
  return open ? `Version ${open.number}` : `Version ${contract.versions.length + 1}, a draft`;
}

function Draft({ contract }: { contract: Contract }) {
  const open = openOf(contract);
  if (open && open.state !== 'DRAFT') {
    return (
      <EmptyState
        title={`Version ${open.number} is ${words(open.state).toLowerCase()}`}
        actions={<LinkButton to={paths.contract(contract.id)}>The contract</LinkButton>}
      >
        A contract has one open version at a time: have it given back or withdraw it to change something.
      </EmptyState>
    );
  }
  return open ? <Revision contract={contract} draft={open} /> : <Amendment contract={contract} />;
}

/** The terms that a draft is compared with, in the form in which it is sent. */
function useAccepted(contract: Contract) {
  return useMemo(() => {
    const accepted = acceptedOf(contract);
    return accepted ? termsOf(valuesOf(contract, accepted)) : null;
  }, [contract]);
}

function useToContract(contract: Contract) {
  const navigate = useNavigate();
  return async (what: string) => {
    toast(what, 'Submit it when it is ready to be approved.');
    await navigate({ to: paths.contract(contract.id) });
  };
}

function Revision({ contract, draft }: { contract: Contract; draft: Version }) {
  const { run, busy } = useAction(ReviseContractVersion, (data) => data.reviseContractVersion);
  const leave = useToContract(contract);
  // Of a later version, the contract itself was offered before, and is fixed.
  const isFirst = draft.number === 1;
  const save = async (values: Values) => {
    const { summary } = values;
    const own = isFirst ? frameOf(values) : { effectiveFrom: effectiveFromOf(values) };
    const result = await run({ contractVersionId: draft.id, summary, terms: termsOf(values), ...own });
    if (result.ok) await leave(`Version ${draft.number} is saved`);
    return result;
  };
  return (
    <DraftForm
      values={valuesOf(contract, draft)}
      frame={isFirst && <FrameFields isNew={false} />}
      before={useAccepted(contract)}
      isAmendment={!isFirst}
      busy={busy}
      cancelTo={paths.contract(contract.id)}
      onSave={save}
    />
  );
}

function Amendment({ contract }: { contract: Contract }) {
  const { run, busy } = useAction(AmendContract, (data) => data.amendContract);
  const leave = useToContract(contract);
  const before = useAccepted(contract);
  const from = acceptedOf(contract) ?? contract.versions.at(-1);
  if (!from) return <EmptyState title="There is nothing to begin with" />;
  const save = async (values: Values) => {
    const { summary } = values;
    const effectiveFrom = effectiveFromOf(values);
    const result = await run({ contractId: contract.id, summary, effectiveFrom, terms: termsOf(values) });
    if (result.ok) await leave('The amendment is drafted');
    return result;
  };
  return (
    <DraftForm
      values={{ ...valuesOf(contract, from), summary: '', effectiveFrom: '' }}
      before={before}
      isAmendment
      busy={busy}
      cancelTo={paths.contract(contract.id)}
      onSave={save}
    />
  );
}
