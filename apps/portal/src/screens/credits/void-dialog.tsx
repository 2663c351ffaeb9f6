import { useAction } from '../../api';
import { ReasonDialog } from '../../ui';
import { type CreditGrant, VoidCreditGrant } from './documents';

export function VoidDialog({ grant, onClose }: { grant: CreditGrant; onClose: () => void }) {
  const action = useAction(VoidCreditGrant, (data) => data.voidCreditGrant);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ creditGrantId: grant.id, reason })}
      title={`Void “${grant.reason}”?`}
      description="It pays nothing from now on, on no invoice of a period that is not over. What it paid before stays. The partner can read the reason."
      confirm="Void"
      done="The credit is void"
    />
  );
}
