import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useController, useForm } from 'react-hook-form';
import { type Failure, useAction, useRequest } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { words } from '../../format';
import { PartnerChoice } from '../../partners';
import { Checkbox, Dialog, Failures, Field, FormActions, Input, Loaded, Select, toast } from '../../ui';
import { FamiliesToChoose, GrantEntitlement } from './documents';

const ACTIONS = ['FINE_TUNE', 'DEPLOY', 'DOWNLOAD_WEIGHTS', 'DOWNLOAD_OPTIMIZER_STATE'] as const;
type Action = (typeof ACTIONS)[number];

const schema = z
  .object({
    organizationId: z.string().min(1, 'Choose who gets it.'),
    familyId: z.string(),
    checkpointId: z.string().trim(),
    actions: z.array(z.enum(ACTIONS)),
    clause: z.string().trim().min(1, 'Name the clause.').max(200, 'At most 200 characters.'),
    validFrom: z.string(),
    validTo: z.string(),
  })
  .refine(({ familyId, checkpointId }) => Boolean(familyId) !== Boolean(checkpointId), {
    path: ['checkpointId'],
    message: 'Choose a family, or give the id of one checkpoint, not both.',
  })
  .refine(({ validFrom, validTo }) => !validTo || !validFrom || validTo > validFrom, {
    path: ['validTo'],
    message: 'Later than it begins.',
  });
type Values = z.infer<typeof schema>;

export function GrantDialog({ partner, onClose }: { partner?: string; onClose: () => void }) {
  const choices = useRequest(FamiliesToChoose, {});
  const { run, busy } = useAction(GrantEntitlement, (data) => data.grantEntitlement);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: {
      organizationId: partner ?? '',
      familyId: '',
      checkpointId: '',
      actions: ['FINE_TUNE', 'DEPLOY'],
      clause: '',
      validFrom: '',
      validTo: '',
    },
  });
  const chosen = useController({ control: form.control, name: 'organizationId' });
  const { errors } = form.formState;
  const actions = form.watch('actions');
  const toggle = (action: Action, wanted: boolean) =>
    form.setValue('actions', wanted ? [...actions, action] : actions.filter((one) => one !== action));
  const submit = form.handleSubmit(async (values) => {
    const result = await run(inputOf(values));
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast('Granted', 'It holds from the next call on.');
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Grant an entitlement"
      description="It is never changed afterwards, only revoked."
      actions={<FormActions form={FORM} busy={busy} confirm="Grant" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Loaded request={choices}>
          {({ modelFamilies }) => (
            <>
              <PartnerChoice
                none="Choose a partner"
                required
                error={errors.organizationId?.message}
                {...chosen.field}
              />
              <div className="grid gap-4 sm:grid-cols-2">
                <Field label="Family" error={errors.familyId?.message} help="Later checkpoints included.">
                  <Select {...form.register('familyId')}>
                    <option value="">None</option>
                    {modelFamilies.nodes.map(({ id, displayName }) => (
                      <option key={id} value={id}>
                        {displayName}
                      </option>
                    ))}
                  </Select>
                </Field>
                <Field label="Or one checkpoint, by id" error={errors.checkpointId?.message}>
                  <Input
                    {...form.register('checkpointId')}
                    autoComplete="off"
                    spellCheck={false}
                    placeholder="ckpt_…"
                  />
                </Field>
              </div>
            </>
          )}
        </Loaded>
        <fieldset>
          <legend className="mb-1.5 font-medium">What it allows</legend>
          <p className="mb-1.5 text-sm text-ink-faint">Browsing always is.</p>
          <div className="flex flex-wrap gap-x-5 gap-y-2">
            {ACTIONS.map((action) => (
              <Checkbox
                key={action}
                label={words(action)}
                checked={actions.includes(action)}
                onChange={(event) => toggle(action, event.target.checked)}
              />
            ))}
          </div>
        </fieldset>
        <Field label="Clause" required error={errors.clause?.message} help="Of the contract: refusals name it.">
          <Input {...form.register('clause')} autoComplete="off" placeholder="MSA 2026-01, section 3.1" />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="From" error={errors.validFrom?.message} help="Now, if left out.">
            <Input {...form.register('validFrom')} type="datetime-local" />
          </Field>
          <Field label="Until" error={errors.validTo?.message} help="An open end, if left out.">
            <Input {...form.register('validTo')} type="datetime-local" />
          </Field>
        </div>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'grant-entitlement';

function inputOf({ organizationId, familyId, checkpointId, actions, clause, validFrom, validTo }: Values) {
  return {
    organizationId,
    actions,
    clause,
    ...(familyId ? { familyId } : { checkpointId }),
    // The browser gives them without a zone: they are in the reader's.
    ...(validFrom ? { validFrom: new Date(validFrom).toISOString() } : {}),
    ...(validTo ? { validTo: new Date(validTo).toISOString() } : {}),
  };
}
