import { type FormEvent, useState } from 'react';
import { useAction } from '../../api';
import { Dialog, Failures, Field, FormActions, Textarea, toast } from '../../ui';
import { type Entitlement, RevokeEntitlement, subjectName } from './documents';

interface RevokeEntitlementDialogProps {
  entitlement: Entitlement;
  onClose: () => void;
}

export function RevokeEntitlementDialog({ entitlement, onClose }: RevokeEntitlementDialogProps) {
  const { run, busy, failures } = useAction(RevokeEntitlement, (data) => data.revokeEntitlement);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!reason.trim() || busy) return;
    const result = await run({ entitlementId: entitlement.id, reason: reason.trim() });
    if (!result.ok) return;
    toast('The entitlement is revoked');
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Revoke this entitlement?"
      description={`${entitlement.organization?.name ?? 'The partner'}: ${subjectName(entitlement.subject)}. It ends at once and can not be taken up again; grant another one instead.`}
      actions={
        <FormActions form={FORM} busy={busy} confirm="Revoke" kind="danger" cancel="Keep as it is" onCancel={onClose} />
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field
          label="Reason"
          required
          error={asked && !reason.trim() ? 'Say why: the partner can read it.' : null}
          help="The partner can read it."
        >
          <Textarea value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'revoke-entitlement';
