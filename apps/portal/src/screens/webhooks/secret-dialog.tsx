import { Button, Dialog, Notice, OneTimeSecret } from '../../ui';

interface SecretDialogProps {
  title: string;
  /** Null when the answer to the first try was lost: the platform does not say it twice. */
  secret: string | null;
  onClose: () => void;
}

/** What messages are verified with, the one time that it is told. */
export function SecretDialog({ title, secret, onClose }: SecretDialogProps) {
  return (
    <Dialog
      open
      held
      onOpenChange={(open) => !open && onClose()}
      title={title}
      actions={
        <Button kind="primary" onClick={onClose}>
          {secret ? 'I have copied it' : 'Close'}
        </Button>
      }
    >
      {secret ? (
        <OneTimeSecret what="secret" secret={secret} />
      ) : (
        <Notice tone="warn" title="The secret was lost on the way">
          The connection broke when it was made. Rotate the secret of the endpoint to get another one.
        </Notice>
      )}
    </Dialog>
  );
}
