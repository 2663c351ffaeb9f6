import { type ResultOf, useEveryPage } from '../../api';
import { formatBytes } from '../../format';
import { Field, Input, Loaded, LoadingState, Notice, Select } from '../../ui';
import { EvaluationFiles, type FileChoice } from './documents';
import type { SuiteForm } from './lines-source';
import { PARTS } from './suite-draft';

const filesOf = (data: ResultOf<typeof EvaluationFiles>) => data.datasetVersions;

/** Rows of a dataset version, or the side of its split that a fine-tune did not learn from. */
export function FileSource({ form, projectId }: { form: SuiteForm; projectId: string }) {
  const request = useEveryPage(EvaluationFiles, { projectId }, filesOf);
  const { errors } = form.formState;
  const part = form.watch('part');
  return (
    <Loaded request={request} skeleton={<LoadingState lines={2} />}>
      {(files) => {
        const ready = files.filter(({ status }) => status === 'READY');
        if (ready.length === 0) return <Notice title="The project has no files yet">Upload one under Datasets.</Notice>;
        return (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="File" required error={errors.versionId?.message} className="sm:col-span-2">
              <Select
                {...form.register('versionId', {
                  onChange: ({ target }) =>
                    takeSplit(
                      form,
                      ready.find(({ id }) => id === target.value),
                    ),
                })}
              >
                <option value="">Choose a file</option>
                {ready.map((file) => (
                  <option key={file.id} value={file.id}>
                    {labelOf(file)}
                  </option>
                ))}
              </Select>
            </Field>
            <Field label="Which rows" help="Measured on what it was trained on, a model looks better than it is.">
              <Select {...form.register('part')}>
                {Object.entries(PARTS).map(([value, label]) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </Select>
            </Field>
            <Field
              label="At most"
              aside="rows"
              error={errors.rowLimit?.message}
              help="The first so many; up to 10,000. Empty: all of them."
            >
              <Input {...form.register('rowLimit')} inputMode="numeric" />
            </Field>
            {part !== 'ALL' && <Split form={form} />}
          </div>
        );
      }}
    </Loaded>
  );
}

function Split({ form }: { form: SuiteForm }) {
  const { errors } = form.formState;
  return (
    <>
      <Field
        label="Set apart"
        aside="percent"
        required
        error={errors.percent?.message}
        help="As the fine-tune’s data was prepared: the same share and seed give the same rows."
      >
        <Input {...form.register('percent')} inputMode="decimal" />
      </Field>
      <Field label="Seed" required error={errors.seed?.message}>
        <Input {...form.register('seed')} inputMode="numeric" />
      </Field>
    </>
  );
}

/** The split that the file was last checked with, where it had one. */
function takeSplit(form: SuiteForm, file: FileChoice | undefined): void {
  const policy = file?.preparations.nodes[0]?.policy;
  if (!policy || policy.validationFraction === 0) return;
  form.setValue('part', 'VALIDATION');
  form.setValue('percent', String(Number((policy.validationFraction * 100).toFixed(6))));
  form.setValue('seed', String(policy.seed));
}

function labelOf({ filename, bytes, number, dataset }: FileChoice): string {
  return `${dataset ? `${dataset.name}, version ${number}: ` : ''}${filename} (${formatBytes(bytes)})`;
}
