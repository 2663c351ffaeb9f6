import { useNavigate } from '@tanstack/react-router';
import { useAction } from '../../../api';
import { paths, useSession } from '../../../app';
import { NoPermission, PageHeader, toast } from '../../../ui';
import { BLANK } from './blank';
import { frameOf, termsOf } from './convert';
import { DraftContract } from './documents';
import { DraftForm } from './draft-form';
import { FrameFields } from './frame-fields';
import type { Values } from './values';

const CRUMBS = [{ label: 'Contracts', to: paths.contracts() }];

/** A contract with its first version. */
export function NewContractScreen() {
  const { may } = useSession();
  return (
    <>
      <PageHeader title="New contract" crumbs={CRUMBS}>
        A draft: the partner sees nothing of it before somebody else of the lab has approved and offered it.
      </PageHeader>
      {may('CONTRACTS_WRITE') ? (
        <NewContract />
      ) : (
        <NoPermission>Contracts are drafted by billing administrators of the lab.</NoPermission>
      )}
    </>
  );
}

function NewContract() {
  const navigate = useNavigate();
  const { run, busy } = useAction(DraftContract, (data) => data.draftContract);
  const save = async (values: Values) => {
    const { organizationId, currency, summary } = values;
    const result = await run({ organizationId, currency, summary, ...frameOf(values), terms: termsOf(values) });
    if (!result.ok) return result;
    toast(`${values.name} is drafted`, 'Submit it when it is ready to be approved.');
    await navigate({ to: paths.contract(result.payload.contract?.id ?? '') });
    return result;
  };
  return (
    <DraftForm
      values={BLANK}
      frame={<FrameFields isNew />}
      before={null}
      isAmendment={false}
      busy={busy}
      cancelTo={paths.contracts()}
      onSave={save}
    />
  );
}
