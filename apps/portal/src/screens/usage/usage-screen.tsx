import { useNavigate } from '@tanstack/react-router';
import { ChartColumn, FileDown } from 'lucide-react';
import { useMemo } from 'react';
import { type ResultOf, useNames, useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { useNow, words } from '../../format';
import { PartnerChoice } from '../../partners';
import { formatQuantity } from '../../terms';
import { Amount, Card, EmptyState, Field, LinkButton, Loaded, Notice, PageHeader, Select } from '../../ui';
import { type Measure, SPANS_DAYS, type Split } from './choices';
import { UsagePage } from './documents';
import { UsageEvents } from './events';
import { GroupTable } from './group-table';
import { type UsageSearch, usageRoute } from './route';
import { spanOf, summarize } from './summary';
import { UsageChart } from './usage-chart';

type Summary = ResultOf<typeof UsagePage>['usageSummary'];

const SPLIT_LABELS: Record<Split, string> = {
  MODEL: 'Model',
  API_KEY: 'API key',
  PROJECT: 'Project',
  JOB: 'Job',
  KIND: 'Kind',
};
/** What has no key is no call, and what has no job is one. */
const REST_LABELS: Partial<Record<Split, string>> = {
  API_KEY: 'Jobs and storage',
  JOB: 'Inference and storage',
  MODEL: 'Files',
};
const SPAN_LABELS: Record<number, string> = {
  7: 'Last 7 days',
  30: 'Last 30 days',
  90: 'Last 90 days',
  365: 'Last year',
};
const MINUTE_MILLISECONDS = 60_000;

export function UsageScreen() {
  const { may } = useSession();
  const search = usageRoute.useSearch();
  const { days = 30, by = 'MODEL', measure = 'cost', of, organization } = search;
  const nowMilliseconds = useNow(MINUTE_MILLISECONDS);
  const { from, to, firstDay } = spanOf(days, nowMilliseconds);
  const request = useRequest(UsagePage, {
    from,
    to,
    groupBy: ['DAY', by],
    projectId: of,
    organizationId: organization,
  });
  return (
    <>
      <PageHeader
        title="Usage"
        actions={
          may('INVOICES_READ') && (
            <LinkButton icon={FileDown} to={paths.exports()} search={{ organization } as never}>
              Export
            </LinkButton>
          )
        }
      >
        What was used and what it costs, by days in UTC.
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Choices search={search} />
        <Loaded request={request}>
          {({ usageSummary }) => <Report summary={usageSummary} split={by} {...{ measure, firstDay, days }} />}
        </Loaded>
        {!organization && <UsageEvents from={from} to={to} projectId={of} />}
      </div>
    </>
  );
}

function Choices({ search }: { search: UsageSearch }) {
  const { projects, organization, may } = useSession();
  const navigate = useNavigate();
  const choose = (more: Partial<UsageSearch>) =>
    void navigate({ to: paths.usage(), search: { ...search, ...more } as never, replace: true });
  const seesPartners = organization.kind === 'LAB' && may('ENTITLEMENTS_WRITE');
  return (
    <search className="flex flex-wrap gap-x-4 gap-y-3">
      <Field label="Time" className="w-40">
        <Select value={search.days ?? 30} onChange={(event) => choose({ days: Number(event.target.value) })}>
          {SPANS_DAYS.map((days) => (
            <option key={days} value={days}>
              {SPAN_LABELS[days]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Split by" className="w-36">
        <Select value={search.by ?? 'MODEL'} onChange={(event) => choose({ by: event.target.value as Split })}>
          {Object.entries(SPLIT_LABELS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Chart" className="w-32">
        <Select
          value={search.measure ?? 'cost'}
          onChange={(event) => choose({ measure: event.target.value as Measure })}
        >
          <option value="cost">Cost</option>
          <option value="tokens">Tokens</option>
        </Select>
      </Field>
      {!search.organization && (
        <Field label="Project" className="w-52">
          <Select value={search.of ?? ''} onChange={(event) => choose({ of: event.target.value || undefined })}>
            <option value="">All projects</option>
            {projects.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {seesPartners && (
        <PartnerChoice
          label="Organization"
          none={organization.name}
          className="w-52"
          value={search.organization ?? ''}
          onChange={({ target }) => choose({ organization: target.value || undefined, of: undefined })}
        />
      )}
    </search>
  );
}

interface ReportProps {
  summary: Summary;
  split: Split;
  measure: Measure;
  firstDay: number;
  days: number;
}

function Report({ summary, split, measure, firstDay, days }: ReportProps) {
  const { rows, total, unpriced } = summary;
  const usage = useMemo(() => summarize(rows, split), [rows, split]);
  const nameOf = useGroupNames(rows, split);
  if (rows.length === 0) {
    return (
      <EmptyState
        icon={ChartColumn}
        title="Nothing was used in this time"
        actions={<LinkButton to={paths.playground()}>Call a model</LinkButton>}
      >
        <p>Calls, fine-tunes and evaluations are counted here a moment after they end.</p>
      </EmptyState>
    );
  }
  return (
    <>
      {unpriced.length > 0 && (
        <Notice tone="warn" title="Not all of it has a price">
          {unpriced.map(({ meter, quantity }) => `${words(meter)}: ${formatQuantity(meter, quantity)}`).join('; ')}. It
          is not part of the cost.
        </Notice>
      )}
      <Card
        title={
          <>
            <Amount money={total} /> in {days} days
          </>
        }
      >
        <UsageChart usage={usage} {...{ measure, firstDay, days, nameOf, currency: total.currency }} />
      </Card>
      <GroupTable
        caption={`Usage by ${SPLIT_LABELS[split].toLowerCase()}`}
        header={SPLIT_LABELS[split]}
        groups={usage.groups}
        currency={total.currency}
        nameOf={nameOf}
      />
    </>
  );
}

/** Names for what usage is split by. */
function useGroupNames(rows: Summary['rows'], split: Split): (key: string) => string {
  const named = useNames(rows.flatMap(({ apiKeyId, jobId }) => [apiKeyId, jobId]));
  return useMemo(() => {
    const projects = new Map(rows.flatMap(({ project }) => (project ? [[project.id, project.name] as const] : [])));
    return (key) => {
      if (key === '') return REST_LABELS[split] ?? 'None';
      if (split === 'KIND') return words(key);
      return projects.get(key) ?? named.get(key)?.name ?? key;
    };
  }, [rows, named, split]);
}
