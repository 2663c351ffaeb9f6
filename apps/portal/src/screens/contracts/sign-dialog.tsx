import { type FormEvent, useState } from 'react';
import type { Action } from '../../api';
import { useSession } from '../../app';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import type { ContractVersion } from './documents';

interface Signing {
  contractVersionId: string;
  documentSha256: string;
  signatoryName: string;
  signatoryTitle: string;
}

interface SignDialogProps {
  version: ContractVersion;
  action: Action<Signing, unknown>;
  title: string;
  description: string;
  confirm: string;
  /** What is said once it is signed. */
  done: string;
  onClose: () => void;
}

/** Signs the document that is on screen, by its hash. */
export function SignDialog({ version, action, title, description, confirm, done, onClose }: SignDialogProps) {
  const { user } = useSession();
  const [signatoryName, setName] = useState(user.displayName);
  const [signatoryTitle, setTitle] = useState('');
  const [asked, setAsked] = useState(false);
  const signing = { signatoryName: signatoryName.trim(), signatoryTitle: signatoryTitle.trim() };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!signing.signatoryName || !signing.signatoryTitle || action.busy) return;
    const { id, documentSha256 } = version;
    const result = await action.run({ contractVersionId: id, documentSha256, ...signing });
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
      actions={<FormActions form={FORM} busy={action.busy} confirm={confirm} cancel="Not now" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Your name" required error={asked && !signing.signatoryName ? 'Say who signs.' : null}>
          <Input value={signatoryName} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field
          label="Your position"
          required
          help="Such as Head of Finance."
          error={asked && !signing.signatoryTitle ? 'Say what you are in your organization.' : null}
        >
          <Input value={signatoryTitle} maxLength={200} onChange={(event) => setTitle(event.target.value)} />
        </Field>
        <p className="text-sm break-all text-ink-faint">
          You sign the document with the SHA-256 <span className="font-mono">{version.documentSha256}</span>.
        </p>
        <Failures failures={action.failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'contract-signature';
