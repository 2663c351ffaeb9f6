import { type FormEvent, type ReactNode, useState } from 'react';
import type { Action } from '../api';
import type { ButtonKind } from './button';
import { Dialog, FormActions } from './dialog';
import { Field, Textarea } from './field';
import { Failures } from './states';
import { toast } from './toast';

interface ReasonDialogProps<Input> {
  action: Action<Input, unknown>;
  inputOf: (reason: string) => Input;
  title: string;
  description: string;
  confirm: string;
  kind?: ButtonKind;
  /** Why it can not be done yet, if so. */
  whyNot?: string | null;
  /** What is said once it is done. */
  done: string;
  /** What has to be seen before a reason is given. */
  children?: ReactNode;
  onClose: () => void;
}

/** Asks for a reason before something is given back or comes to nothing. */
export function ReasonDialog<Input>(props: ReasonDialogProps<Input>) {
  const { action, inputOf, title, description, confirm, kind = 'danger', whyNot, done, children, onClose } = props;
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!reason.trim() || whyNot || action.busy) return;
    const result = await action.run(inputOf(reason.trim()));
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
        <FormActions
          form={FORM}
          busy={action.busy}
          confirm={confirm}
          kind={kind}
          whyNot={whyNot}
          cancel="Leave it as it is"
          onCancel={onClose}
        />
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        {children}
        <Field label="Reason" required error={asked && !reason.trim() ? 'Say why.' : null}>
          <Textarea value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Failures failures={action.failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'reason';
