import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAction } from '../../api';
import { paths, useWhyNot } from '../../app';
import { Button, Confirm, Failures, toast } from '../../ui';
import { EnableWebhookEndpoint, type Endpoint, RemoveWebhookEndpoint, RotateWebhookSecret } from './documents';
import { SecretDialog } from './secret-dialog';

interface Rotated {
  /** Null when the answer was lost. */
  secret: string | null;
}

/** What may be done about an endpoint. */
export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const whyNot = useWhyNot()('WEBHOOKS_WRITE');
  const [asked, setAsked] = useState<'rotate' | 'remove' | null>(null);
  const [rotated, setRotated] = useState<Rotated | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      {endpoint.disabledAt && <EnableButton endpoint={endpoint} whyNot={whyNot} />}
      <Button whyNot={whyNot} onClick={() => setAsked('rotate')}>
        Rotate the secret
      </Button>
      <Button kind="danger" whyNot={whyNot} onClick={() => setAsked('remove')}>
        Remove
      </Button>
      {asked === 'rotate' && <RotateQuestion endpoint={endpoint} onRotated={setRotated} onClose={close} />}
      {rotated && (
        <SecretDialog title="The secret is rotated" secret={rotated.secret} onClose={() => setRotated(null)} />
      )}
      {asked === 'remove' && <RemoveQuestion endpoint={endpoint} onClose={close} />}
    </>
  );
}

function EnableButton({ endpoint, whyNot }: { endpoint: Endpoint; whyNot: string | null }) {
  const { run, busy, failures } = useAction(EnableWebhookEndpoint, (data) => data.enableWebhookEndpoint);
  const enable = async () => {
    if ((await run({ endpointId: endpoint.id })).ok) toast('It is told again', 'What it missed can be sent again.');
  };
  return (
    <>
      <Failures failures={failures} />
      <Button kind="primary" busy={busy} whyNot={whyNot} onClick={() => void enable()}>
        Enable
      </Button>
    </>
  );
}

interface QuestionProps {
  endpoint: Endpoint;
  onClose: () => void;
}

function RotateQuestion({ endpoint, onRotated, onClose }: QuestionProps & { onRotated: (rotated: Rotated) => void }) {
  const { run } = useAction(RotateWebhookSecret, (data) => data.rotateWebhookSecret);
  const rotate = async () => {
    const result = await run({ endpointId: endpoint.id });
    if (!result.ok) return result.failures;
    onRotated(result.payload);
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title="Rotate the secret?"
      confirm="Rotate"
      kind="primary"
      onConfirm={rotate}
    >
      <p>
        For a day each message is signed with both, so that your receiver can change over. Then the one before ends.
      </p>
    </Confirm>
  );
}

function RemoveQuestion({ endpoint, onClose }: QuestionProps) {
  const navigate = useNavigate();
  const { run } = useAction(RemoveWebhookEndpoint, (data) => data.removeWebhookEndpoint);
  const remove = async () => {
    const result = await run({ endpointId: endpoint.id });
    if (!result.ok) return result.failures;
    toast('The endpoint is removed');
    await navigate({ to: paths.webhooks() });
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title="Remove the endpoint?"
      confirm="Remove"
      onConfirm={remove}
    >
      <p className="break-all">{endpoint.url} is told nothing any more; what was due is not sent.</p>
    </Confirm>
  );
}
