import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { isJudged, METRICS, type Metric } from '../../evaluation';
import { Dialog, Failures, Field, FormActions, Input, RadioGroup, toast } from '../../ui';
import { CreateEvaluationSuite } from './documents';
import { FileSource } from './file-source';
import { LinesSource } from './lines-source';
import { EMPTY_DRAFT, SuiteDraft, toSuiteInput } from './suite-draft';

interface NewSuiteProps {
  projectId: string;
  onClose: () => void;
  onMade: () => void;
}

const FORM = 'new-suite';
const METRIC_OPTIONS = (Object.keys(METRICS) as Metric[]).map((value) => ({
  value,
  label: METRICS[value].name,
  help: METRICS[value].help,
}));
const SOURCES = [
  { value: 'lines', label: 'Rows that I paste' },
  { value: 'file', label: 'A file of this project' },
] as const;
/** Which field a refusal of the api belongs to. */
const FIELDS = {
  rows: 'lines',
  dataset: 'versionId',
  'dataset.versionId': 'versionId',
  'dataset.rowLimit': 'rowLimit',
  'source.split': 'percent',
} as const;

export function NewSuite({ projectId, onClose, onMade }: NewSuiteProps) {
  const [refused, setRefused] = useState<readonly Failure[]>([]);
  const create = useAction(CreateEvaluationSuite, (data) => data.createEvaluationSuite);
  const form = useForm<SuiteDraft>({
    resolver: zodResolver(SuiteDraft),
    defaultValues: EMPTY_DRAFT,
  });
  const { errors } = form.formState;
  const [metric, from] = form.watch(['metric', 'from']);

  const submit = form.handleSubmit(async (draft) => {
    const result = await create.run(toSuiteInput(projectId, draft));
    if (!result.ok) return setRefused(showFailures(form, result.failures, FIELDS));
    toast(`${draft.name} is being built`, 'It can be run as soon as its rows are checked.');
    onClose();
    onMade();
  });

  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="New suite"
      description="Prompts with the answers you expect. It never changes once it is made."
      actions={<FormActions form={FORM} busy={create.busy} confirm="Make the suite" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Name" required error={errors.name?.message} help="Unique in the project.">
          <Input {...form.register('name')} autoComplete="off" />
        </Field>
        <Field label="Description" error={errors.description?.message}>
          <Input
            {...form.register('description')}
            autoComplete="off"
            placeholder="What it asks, where its rows come from"
          />
        </Field>
        <Controller
          control={form.control}
          name="metric"
          render={({ field }) => (
            <RadioGroup
              legend="How an answer is judged"
              options={METRIC_OPTIONS}
              value={field.value}
              onChange={field.onChange}
            />
          )}
        />
        {isJudged(metric) && (
          <Field
            label="Longest answer"
            aside="tokens"
            error={errors.maxNewTokens?.message}
            help="What a model writes beyond it is cut off: a little more than the longest expected answer is enough, and costs less."
          >
            <Input {...form.register('maxNewTokens')} inputMode="numeric" className="max-w-32" />
          </Field>
        )}
        <Controller
          control={form.control}
          name="from"
          render={({ field }) => (
            <RadioGroup legend="Rows" inline options={SOURCES} value={field.value} onChange={field.onChange} />
          )}
        />
        {from === 'lines' ? <LinesSource form={form} /> : <FileSource form={form} projectId={projectId} />}
        <Failures failures={refused} />
      </form>
    </Dialog>
  );
}
