import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Failure } from '../api';
import { Button, type ButtonKind, IconButton } from './button';
import { classNames } from './class-names';
import { Failures } from './states';

const BACKDROP =
  'fixed inset-0 z-40 bg-[#000]/35 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0';
const POPUP =
  'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-3rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg ' +
  'border border-line bg-raised shadow-xl transition-[opacity,scale] duration-150 data-ending-style:scale-98 data-ending-style:opacity-0 ' +
  'data-starting-style:scale-98 data-starting-style:opacity-0';

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** What ends it, right to left in importance. */
  actions?: ReactNode;
  wide?: boolean;
  /** A press beside it does not close it: what it shows is not shown again. */
  held?: boolean;
  children?: ReactNode;
}

export function Dialog({ open, onOpenChange, title, description, actions, wide, held, children }: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={onOpenChange} disablePointerDismissal={held}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={BACKDROP} />
        <BaseDialog.Popup className={classNames(POPUP, wide ? 'max-w-3xl' : 'max-w-lg')}>
          <header className="flex items-start justify-between gap-3 border-b border-line px-5 py-3.5">
            <div className="min-w-0">
              <BaseDialog.Title className="text-lg font-semibold">{title}</BaseDialog.Title>
              {description && <BaseDialog.Description className="text-ink-soft">{description}</BaseDialog.Description>}
            </div>
            <BaseDialog.Close render={<IconButton icon={X} label="Close" className="-mt-0.5 -mr-2" />} />
          </header>
          <div className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-4">{children}</div>
          {actions && (
            <footer className="flex flex-row-reverse flex-wrap justify-start gap-2 border-t border-line px-5 py-3">
              {actions}
            </footer>
          )}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface FormActionsProps {
  /** The id of the form that the dialog holds. */
  form: string;
  busy: boolean;
  /** What submitting it does. */
  confirm: ReactNode;
  kind?: ButtonKind;
  whyNot?: string | null;
  /** What leaving it means. */
  cancel?: string;
  onCancel: () => void;
}

/** What ends a dialog with a form: submitting it, or leaving it. */
export function FormActions({
  form,
  busy,
  confirm,
  kind = 'primary',
  whyNot,
  cancel = 'Cancel',
  onCancel,
}: FormActionsProps) {
  return (
    <>
      <Button kind={kind} busy={busy} whyNot={whyNot} type="submit" form={form}>
        {confirm}
      </Button>
      <Button kind="quiet" onClick={onCancel}>
        {cancel}
      </Button>
    </>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What will happen, and what of it can not be undone. */
  children: ReactNode;
  confirm: string;
  kind?: ButtonKind;
  /** Gives back why it could not be done; an empty list closes the question. */
  onConfirm: () => Promise<readonly Failure[]>;
}

/** Asks before something that can not be taken back. */
export function Confirm({ open, onOpenChange, title, children, confirm, kind = 'danger', onConfirm }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const change = (next: boolean) => {
    setFailures([]);
    onOpenChange(next);
  };
  const act = async () => {
    setBusy(true);
    const refused = await onConfirm();
    setBusy(false);
    if (refused.length === 0) change(false);
    else setFailures(refused);
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={change}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup className={classNames(POPUP, 'max-w-md')}>
          <div className="flex flex-col gap-2 px-5 py-4">
            <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description render={<div />} className="flex flex-col gap-2 text-ink-soft">
              {children}
            </AlertDialog.Description>
            <Failures failures={failures} />
          </div>
          <footer className="flex flex-row-reverse gap-2 border-t border-line px-5 py-3">
            <Button kind={kind} busy={busy} onClick={() => void act()}>
              {confirm}
            </Button>
            <AlertDialog.Close render={<Button kind="quiet">Keep as it is</Button>} />
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
