import { zodResolver } from '@hookform/resolvers/zod';
import { ChevronDown, ListChecks } from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction, useEveryPage } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { useWhyNot } from '../../app';
import { formatCount } from '../../format';
import { Button, classNames, EmptyState, Failures, Field, Input, Loaded, Select } from '../../ui';
import { type CheckpointChoice, DatasetCheckpoints, PrepareDataset } from './documents';

interface CheckFormProps {
  versionId: string;
  projectId: string;
  onChecked: (preparationId: string) => void;
  startOpen: boolean;
}

export function CheckForm({ startOpen, ...rest }: CheckFormProps) {
  const [open, setOpen] = useState(startOpen);
  if (!open) {
    return (
      <div>
        <Button icon={ListChecks} onClick={() => setOpen(true)}>
          Check for another checkpoint
        </Button>
      </div>
    );
  }
  return <Choices {...rest} onChecked={(id) => [setOpen(false), rest.onChecked(id)]} />;
}

const connectionOf = (data: {
  checkpoints: { nodes: readonly CheckpointChoice[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}) => data.checkpoints;

function Choices(props: Omit<CheckFormProps, 'startOpen'>) {
  const request = useEveryPage(DatasetCheckpoints, { projectId: null }, connectionOf);
  return (
    <Loaded request={request}>
      {(checkpoints) => {
        const choices = checkpoints.filter(({ allowedActions }) => allowedActions.includes('FINE_TUNE'));
        return choices.length === 0 ? (
          <EmptyState title="No checkpoint to check for">
            Your organization may not fine-tune any checkpoint yet. The lab grants that.
          </EmptyState>
        ) : (
          <Form {...props} choices={choices} />
        );
      }}
    </Loaded>
  );
}

const whole = (from: number, to: number, message: string) =>
  z
    .string()
    .refine((text) => text === '' || (/^\d+$/.test(text) && Number(text) >= from && Number(text) <= to), message);
const Draft = z.object({
  checkpoint: z.string(),
  maxTokens: whole(1, 10_000_000, 'A whole number of tokens, or nothing for the context length.'),
  overLong: z.enum(['REJECT', 'DROP', 'TRUNCATE']),
  validationPercent: whole(0, 50, 'A whole number from 0 to 50.'),
});
type Draft = z.infer<typeof Draft>;

const FIELDS = {
  'policy.maxTokens': 'maxTokens',
  'policy.overLong': 'overLong',
  'policy.validationFraction': 'validationPercent',
} as const;

type FormProps = Omit<CheckFormProps, 'startOpen'> & { choices: readonly CheckpointChoice[] };

function Form({ versionId, choices, onChecked }: FormProps) {
  const whyNot = useWhyNot()('DATASETS_WRITE');
  const [more, setMore] = useState(false);
  const [refused, setRefused] = useState<Failure[]>([]);
  const prepare = useAction(PrepareDataset, (data) => data.prepareDataset);
  const form = useForm<Draft>({
    resolver: zodResolver(Draft),
    defaultValues: { checkpoint: choices[0]?.name ?? '', maxTokens: '', overLong: 'REJECT', validationPercent: '' },
  });
  const { errors } = form.formState;
  const chosen = choices.find(({ name }) => name === form.watch('checkpoint'));
  const contextLength = chosen?.contextLength ?? null;

  const submit = form.handleSubmit(async ({ checkpoint, maxTokens, overLong, validationPercent }) => {
    const policy = {
      overLong,
      ...(maxTokens ? { maxTokens: Number(maxTokens) } : {}),
      ...(validationPercent ? { validationFraction: Number(validationPercent) / 100 } : {}),
    };
    const result = await prepare.run({ versionId, checkpoint, policy });
    if (!result.ok) return setRefused(showFailures(form, result.failures, FIELDS));
    setRefused([]);
    if (result.payload.preparation) onChecked(result.payload.preparation.id);
  });

  return (
    <form
      onSubmit={(event) => void submit(event)}
      aria-label="Check for training"
      noValidate
      className="flex flex-col gap-4 rounded-lg border border-line bg-surface px-5 py-4"
    >
      <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <Field label="Checkpoint" error={errors.checkpoint?.message} className="w-80 max-w-full">
          <Select {...form.register('checkpoint')}>
            {choices.map(({ id, name }) => (
              <option key={id} value={name}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Button
          kind="quiet"
          aria-expanded={more}
          icon={ChevronDown}
          onClick={() => setMore(!more)}
          className={classNames(more && '[&>svg]:rotate-180')}
        >
          Settings
        </Button>
        <Button type="submit" kind="primary" busy={prepare.busy} whyNot={whyNot} className="ml-auto">
          Check the data
        </Button>
      </div>
      {more && (
        <div className="grid gap-4 sm:grid-cols-3">
          <Field
            label="Longest row"
            aside="tokens"
            error={errors.maxTokens?.message}
            help={`Template included. Empty: the context length${contextLength ? ` of ${formatCount(contextLength)}` : ''}.`}
          >
            <Input
              {...form.register('maxTokens')}
              inputMode="numeric"
              placeholder={contextLength ? String(contextLength) : ''}
            />
          </Field>
          <Field label="Longer rows" error={errors.overLong?.message} help="What happens to rows over the limit.">
            <Select {...form.register('overLong')}>
              <option value="REJECT">Are errors</option>
              <option value="DROP">Are left out</option>
              <option value="TRUNCATE">Are cut</option>
            </Select>
          </Field>
          <Field
            label="Set apart for validation"
            aside="% of rows"
            error={errors.validationPercent?.message}
            help="Measured on, never trained on. Empty: none."
          >
            <Input {...form.register('validationPercent')} inputMode="numeric" placeholder="0" />
          </Field>
        </div>
      )}
      <Failures failures={refused} />
    </form>
  );
}
