import { type FormEvent, useState } from 'react';
import type { Action } from '../../api';
import { Button, type ButtonKind, Dialog, Failures, Field, Textarea, toast } from '../../ui';
import type { ContractVersion } from './documents';

interface ReasonDialogProps {
  version: ContractVersion;
  action: Action<{ contractVersionId: string; reason: string }, unknown>;
  title: string;
  description: string;
  confirm: string;
  kind?: ButtonKind;
  /** What is said once it is done. */
  done: string;
  onClose: () => void;
}

/** Asks for a reason before a version goes back or comes to nothing. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { version, action, title, description, confirm, kind = 'danger', done, onClose } = props;
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!reason.trim() || action.busy) return;
    const result = await action.run({ contractVersionId: version.id, reason: reason.trim() });
    if (!result.ok) return;
    toast(done);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      actions={
        <>
          <Button kind={kind} busy={action.busy} type="submit" form={FORM}>
            {confirm}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Leave it as it is
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Reason" required error={asked && !reason.trim() ? 'Say why.' : null}>
          <Textarea value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Failures failures={action.failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'contract-reason';
