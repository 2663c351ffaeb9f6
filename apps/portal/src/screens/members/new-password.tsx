import { Button, Dialog, Notice, OneTimeSecret } from '../../ui';

interface NewPasswordProps {
  title: string;
  email: string;
  /** Null when the answer to the first try was lost: the platform does not say it twice. */
  password: string | null;
  onClose: () => void;
}

/** An initial password to hand on. */
export function NewPassword({ title, email, password, onClose }: NewPasswordProps) {
  return (
    <Dialog
      open
      held
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={`Hand this to ${email} in a way that you trust. It holds for a week and is changed at the first sign-in.`}
      actions={
        <Button kind="primary" onClick={onClose}>
          {password ? 'I have copied it' : 'Close'}
        </Button>
      }
    >
      {password ? (
        <OneTimeSecret what="password" secret={password} />
      ) : (
        <Notice tone="warn" title="The password was lost on the way">
          Give them a new one from the list of members.
        </Notice>
      )}
    </Dialog>
  );
}
