import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { words } from '../../format';
import { Checkbox, Dialog, Failures, Field, FormActions, Input } from '../../ui';
import { CreateWebhookEndpoint } from './documents';
import { EVENTS } from './events';
import { SecretDialog } from './secret-dialog';

const schema = z.object({
  url: z.string().trim().min(1, 'An address such as https://hooks.example.com/forkpoint.').max(2_000),
  description: z.string().trim().max(200, 'At most 200 characters.'),
  events: z.array(z.enum(EVENTS)).min(1, 'Choose at least one.'),
});
type Values = z.infer<typeof schema>;

const BLANK: Values = { url: '', description: '', events: [...EVENTS] };

/** Where to, and what of; then its secret, once. */
export function CreateEndpointDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<{ secret: string | null } | null>(null);
  if (made) return <SecretDialog title="The endpoint is made" secret={made.secret} onClose={onClose} />;
  return <EndpointForm onClose={onClose} onMade={(secret) => setMade({ secret })} />;
}

interface EndpointFormProps {
  onClose: () => void;
  onMade: (secret: string | null) => void;
}

function EndpointForm({ onClose, onMade }: EndpointFormProps) {
  const { run, busy } = useAction(CreateWebhookEndpoint, (data) => data.createWebhookEndpoint);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({ resolver: zodResolver(schema), defaultValues: BLANK });
  const { register, formState } = form;
  const { errors } = formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    onMade(result.payload.secret);
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New endpoint"
      description="Its secret, with which you verify what arrives, is shown once, when it is made."
      actions={<FormActions form={FORM} busy={busy} confirm="Make the endpoint" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field
          label="Address"
          required
          help="With https, at a host that the lab lets the platform reach."
          error={errors.url?.message}
        >
          <Input {...register('url')} type="url" autoComplete="off" placeholder="https://hooks.example.com/forkpoint" />
        </Field>
        <Field label="What it is" help="For people." error={errors.description?.message}>
          <Input {...register('description')} autoComplete="off" />
        </Field>
        <fieldset aria-describedby={errors.events ? EVENTS_ERROR : undefined}>
          <legend className="mb-1.5 font-medium">It is told of</legend>
          <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
            {EVENTS.map((event) => (
              <Checkbox key={event} label={words(event)} value={event} {...register('events')} />
            ))}
          </div>
          {errors.events && (
            <p id={EVENTS_ERROR} role="alert" className="mt-1 text-sm text-bad">
              {errors.events.message}
            </p>
          )}
        </fieldset>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'create-endpoint';
const EVENTS_ERROR = 'create-endpoint-events';
