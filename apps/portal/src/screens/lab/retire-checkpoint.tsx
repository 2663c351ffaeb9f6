import { type FormEvent, useState } from 'react';
import { useAction, useRequest } from '../../api';
import { AffectedTable } from '../../partners/affected-table';
import { Dialog, Failures, Field, FormActions, Loaded, Notice, Textarea, toast } from '../../ui';
import { type LabCheckpoint, RetireCheckpoint, RetirementImpactOf } from './documents';

/** Shows who is affected first: what was read is what is acknowledged. */
export function RetireDialog({ checkpoint, onClose }: { checkpoint: LabCheckpoint; onClose: () => void }) {
  const impact = useRequest(RetirementImpactOf, { checkpointId: checkpoint.id }, { requestPolicy: 'network-only' });
  const { run, busy, failures } = useAction(RetireCheckpoint, (data) => data.retireCheckpoint);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const digest = impact.status === 'ready' ? impact.data.retirementImpact.digest : null;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!digest || !reason.trim() || busy) return;
    const result = await run({ checkpointId: checkpoint.id, reason: reason.trim(), acknowledgedImpact: digest });
    if (result.ok) {
      toast(`${checkpoint.name} is retired`);
      onClose();
    } else {
      // Somebody began to use it meanwhile: what is acknowledged has to be read again.
      impact.refresh();
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Retire ${checkpoint.name}?`}
      description="Nothing new begins from it: no fine-tune, no deployment. What exists of it goes on. This can not be undone."
      actions={
        <FormActions
          form={FORM}
          busy={busy}
          confirm="Retire"
          kind="danger"
          whyNot={digest ? null : 'Who is affected is not known yet.'}
          cancel="Keep as it is"
          onCancel={onClose}
        />
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Loaded request={impact}>
          {({ retirementImpact: { affected } }) =>
            affected.length === 0 ? (
              <Notice title="Nobody uses it">No variant, deployment or job hangs on it.</Notice>
            ) : (
              <AffectedTable affected={affected} />
            )
          }
        </Loaded>
        <Field
          label="Reason"
          required
          error={asked && !reason.trim() ? 'Say why: whoever uses it reads this.' : null}
          help="Whoever uses it reads this. Name what to use instead."
        >
          <Textarea value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'retire-checkpoint';
