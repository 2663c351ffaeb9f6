import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { type UseFormReturn, useForm, useWatch } from 'react-hook-form';
import { type Failure, useAction, useRequest } from '../../api';
import { showFailures } from '../../api/form-failures';
import { useSession } from '../../app';
import { CURRENCIES } from '../../format';
import { Dialog, Failures, Field, FormActions, Input, Loaded, RadioGroup, Select, toast } from '../../ui';
import { CapChoices, type Choices, SetSpendCap, type SpendCap } from './documents';
import { limitText } from './reading';
import { inputOf, type SetCapValues, schemaFor, valuesOf } from './set-values';

interface SetCapDialogProps {
  /** The cap that is set anew; what it is on, its period and its currency stay. */
  replaces: SpendCap | null;
  onClose: () => void;
}

/** Sets a cap of the own side: the partner's on its own account, the lab's by a clause of a contract. */
export function SetCapDialog({ replaces, onClose }: SetCapDialogProps) {
  const { may } = useSession();
  const [isBusy, setBusy] = useState(false);
  const choices = useRequest(CapChoices, { withKeys: may('KEYS_READ') });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={replaces ? `Change the cap of ${limitText(replaces)}` : 'Set a spend cap'}
      description={
        replaces
          ? 'The new one takes its place from now on, and counts what was spent in its period before.'
          : 'It holds from now on, counts what was spent in its period before, and takes the place of yours on the same.'
      }
      actions={
        <FormActions
          form={FORM}
          busy={isBusy || choices.status === 'loading'}
          confirm={replaces ? 'Change' : 'Set the cap'}
          onCancel={onClose}
        />
      }
    >
      <Loaded request={choices}>
        {(known) => <CapForm choices={known} replaces={replaces} onBusy={setBusy} onDone={onClose} />}
      </Loaded>
    </Dialog>
  );
}

interface CapFormProps {
  choices: Choices;
  replaces: SpendCap | null;
  onBusy: (isBusy: boolean) => void;
  onDone: () => void;
}

function CapForm({ choices, replaces, onBusy, onDone }: CapFormProps) {
  const { organization } = useSession();
  const isLab = organization.kind === 'LAB';
  const contracts = choices.contracts.nodes.filter((contract) => !replaces || canBear(contract, replaces));
  const { run } = useAction(SetSpendCap, (data) => data.setSpendCap);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<SetCapValues>({
    resolver: zodResolver(schemaFor(isLab)),
    defaultValues: valuesOf(replaces, contracts),
  });
  const submit = form.handleSubmit(async (values) => {
    onBusy(true);
    const result = await run(inputOf(values, isLab ? contracts : null));
    onBusy(false);
    if (!result.ok) return setFailures(showFailures(form, result.failures));
    toast('The cap holds from now on');
    onDone();
  });
  return (
    <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
      {isLab && <GroundFields form={form} contracts={contracts} />}
      {!replaces && <SubjectFields form={form} keys={choices.apiKeys?.nodes ?? null} />}
      <AmountFields form={form} isNew={!replaces} isLab={isLab} />
      <Failures failures={failures} />
    </form>
  );
}

const FORM = 'set-cap';

/** Under another partner's contract, or in another currency, it would be a cap beside the one that it is to replace. */
function canBear({ organization, currency }: Choices['contracts']['nodes'][number], cap: SpendCap): boolean {
  return organization.id === cap.organizationId && currency === cap.limit.currency;
}

interface FieldsProps {
  form: UseFormReturn<SetCapValues>;
}

/** The lab's stand on a clause of a contract that is in force, which says whose and in what currency they are. */
function GroundFields({ form, contracts }: FieldsProps & { contracts: Choices['contracts']['nodes'] }) {
  const { register, formState } = form;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Contract" required error={formState.errors.contractId?.message}>
        <Select {...register('contractId')}>
          <option value="">Choose one</option>
          {contracts.map(({ id, name, organization }) => (
            <option key={id} value={id}>
              {organization.name}: {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Clause" required help="Refusals name it." error={formState.errors.clause?.message}>
        <Input {...register('clause')} autoComplete="off" />
      </Field>
    </div>
  );
}

type Keys = NonNullable<Choices['apiKeys']>['nodes'];

function SubjectFields({ form, keys }: FieldsProps & { keys: Keys | null }) {
  const { control, setValue } = form;
  const on = useWatch({ control, name: 'on' });
  return (
    <>
      <RadioGroup
        legend="What it bounds"
        inline
        options={[
          { value: 'ORGANIZATION', label: 'All spending' },
          { value: 'PROJECT', label: 'A project' },
          { value: 'API_KEY', label: 'An API key' },
        ]}
        value={on}
        onChange={(next) => setValue('on', next)}
      />
      {on === 'PROJECT' && <ProjectField form={form} />}
      {on === 'API_KEY' && <KeyField form={form} keys={keys} />}
    </>
  );
}

/** The lab does not see its partners' projects: it names them as the partner told it. */
function ProjectField({ form: { register, formState } }: FieldsProps) {
  const { organization, projects } = useSession();
  const error = formState.errors.projectId?.message;
  if (organization.kind === 'LAB') {
    return (
      <Field label="Project" required help="Its id, which the partner knows." error={error}>
        <Input {...register('projectId')} placeholder="proj_…" spellCheck={false} autoComplete="off" />
      </Field>
    );
  }
  return (
    <Field label="Project" required error={error}>
      <Select {...register('projectId')}>
        <option value="">Choose one</option>
        {projects.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** Who may not see keys names one by its id. */
function KeyField({ form: { register, formState }, keys }: FieldsProps & { keys: Keys | null }) {
  const { organization } = useSession();
  const error = formState.errors.apiKeyId?.message;
  if (organization.kind === 'LAB' || !keys) {
    return (
      <Field label="API key" required help="Its id, which stands beside it on the screen of keys." error={error}>
        <Input {...register('apiKeyId')} placeholder="key_…" spellCheck={false} autoComplete="off" />
      </Field>
    );
  }
  return (
    <Field label="API key" required error={error}>
      <Select {...register('apiKeyId')}>
        <option value="">Choose one</option>
        {keys.map(({ id, name, hint }) => (
          <option key={id} value={id}>
            {name} ({hint}…)
          </option>
        ))}
      </Select>
    </Field>
  );
}

function AmountFields({ form, isNew, isLab }: FieldsProps & { isNew: boolean; isLab: boolean }) {
  const { register, control, setValue, formState } = form;
  const { errors } = formState;
  const [currency, strength] = useWatch({ control, name: ['currency', 'strength'] });
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field
          label="Limit"
          aside={isLab ? 'in the contract’s currency' : currency}
          required
          className={isLab || !isNew ? 'sm:col-span-2' : ''}
          error={errors.limitNanos?.message}
        >
          <Input {...register('limitNanos')} inputMode="decimal" autoComplete="off" />
        </Field>
        {isNew && !isLab && (
          <Field label="Currency" error={errors.currency?.message}>
            <Select {...register('currency')}>
              {CURRENCIES.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {isNew && (
          <Field label="Over" error={errors.period?.message}>
            <Select {...register('period')}>
              <option value="MONTH">Each month</option>
              <option value="TOTAL">All time</option>
            </Select>
          </Field>
        )}
      </div>
      <RadioGroup
        legend="Beyond it"
        options={[
          { value: 'HARD', label: 'Refuse', help: 'Jobs and calls that could go beyond it are refused.' },
          { value: 'SOFT', label: 'Only alert', help: 'Nothing is refused; billing administrators are told.' },
        ]}
        value={strength}
        onChange={(next) => setValue('strength', next)}
      />
      <Field
        label="Alert at"
        aside="% of the limit"
        help="Rising, with commas between them; nothing, for no alerts."
        error={errors.alertPercents?.message}
      >
        <Input {...register('alertPercents')} autoComplete="off" />
      </Field>
    </>
  );
}
