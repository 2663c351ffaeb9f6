import { TrendingUp } from 'lucide-react';
import { useRequest } from '../../../api';
import { formatCount, formatDuration, useNow } from '../../../format';
import { Amount, Card, EmptyState, Facts, Loaded, PageHeader } from '../../../ui';
import { programmeRoute } from '../route';
import { Choices } from './choices';
import { type ProgrammeLine, ProgrammePage } from './documents';
import { LineTable } from './line-table';
import { HOUR_SECONDS, variablesOf } from './search';

const HOUR_MILLISECONDS = 3_600_000;

/** What partners make of the lab's checkpoints: who forks where, what that brings in, what it costs. */
export function ProgrammeScreen() {
  const search = programmeRoute.useSearch();
  const request = useRequest(ProgrammePage, variablesOf(search, useNow(HOUR_MILLISECONDS)));
  return (
    <>
      <PageHeader title="Programme">
        Which fork points partners use, what that brings in at the prices of their contracts, and how long the cluster
        worked for it.
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Choices search={search} />
        <Loaded request={request}>
          {({ programme: { lines, total } }) =>
            lines.length === 0 ? (
              <EmptyState icon={TrendingUp} title="No partner used anything">
                Nothing was used in this time by partners who pay in this currency.
              </EmptyState>
            ) : (
              <>
                <Total line={total} />
                <LineTable lines={lines} />
              </>
            )
          }
        </Loaded>
      </div>
    </>
  );
}

function Total({ line }: { line: ProgrammeLine }) {
  const { partners, revenue, clusterHours, margin, marginPerHour } = line;
  return (
    <Card title="All of it">
      <Facts
        columns
        facts={[
          { label: 'Partners', value: formatCount(partners) },
          { label: 'Revenue', value: <Amount money={revenue} /> },
          { label: 'On the cluster', value: formatDuration(HOUR_SECONDS * clusterHours) },
          ...(margin ? [{ label: 'Margin of training and evaluation', value: <Amount money={margin} /> }] : []),
          ...(marginPerHour ? [{ label: 'For each hour', value: <Amount money={marginPerHour} /> }] : []),
        ]}
      />
    </Card>
  );
}
