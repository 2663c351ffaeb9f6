import { paths } from '../../../app';
import { formatCount } from '../../../format';
import { Card, Code, Facts, TextLink, Time } from '../../../ui';
import type { Job } from './documents';

/** What it was asked for, and every value that is in force. */
export function JobSettings({ job }: { job: Job }) {
  const { parent, trainingFile, validationFile, recipe, requested, seed, method, createdAt, attempts, preparation } =
    job;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 xl:grid-cols-2">
      <Card title="What it is made from">
        <Facts
          facts={[
            {
              label: 'Base',
              value: parent ? (
                <TextLink to={paths.model(parent.name)}>{parent.name}</TextLink>
              ) : (
                'one that you may not see'
              ),
            },
            {
              label: 'Data',
              value: trainingFile?.dataset ? (
                <TextLink to={paths.dataset(trainingFile.dataset.id)}>{trainingFile.filename}</TextLink>
              ) : (
                (trainingFile?.filename ?? 'deleted since')
              ),
            },
            ...(preparation?.report
              ? [
                  {
                    label: 'Rows',
                    value: `${formatCount(preparation.report.rows.train)} trained on, ${formatCount(preparation.report.rows.validation)} for validation`,
                  },
                ]
              : []),
            ...(validationFile ? [{ label: 'Validation', value: validationFile.filename }] : []),
            { label: 'Method', value: method },
            { label: 'Seed', value: String(seed) },
            { label: 'Asked for', value: <Time at={createdAt} style="full" /> },
            { label: 'Job', value: <span className="font-mono text-sm break-all">{job.id}</span> },
            ...attempts.map(({ number, outcome, resumedFromStep }) => ({
              label: `Attempt ${number}`,
              value: `${outcome?.toLowerCase() ?? 'under way'}${resumedFromStep ? `, went on at step ${formatCount(resumedFromStep)}` : ''}`,
            })),
          ]}
        />
      </Card>
      <Card title="Settings in force" description={recipe ? undefined : 'They are known once the file is validated.'}>
        {recipe ? <Values values={recipe} /> : null}
        <h3 className="mt-2 font-medium">As it was asked for</h3>
        <Code code={JSON.stringify(requested, null, 2)} label="the request" />
      </Card>
    </div>
  );
}

function Values({ values }: { values: unknown }) {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  return (
    <Facts
      facts={entries.map(([name, value]) => ({
        label: name.replaceAll('_', ' '),
        value: Array.isArray(value) ? value.join(', ') : String(value),
      }))}
    />
  );
}
