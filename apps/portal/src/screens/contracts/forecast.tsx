import { useMemo } from 'react';
import { useRequest } from '../../api';
import { useSession } from '../../app';
import { type BarGroup, BarGroups } from '../../charts/bar-groups';
import { formatMinor, formatMinorShort, formatPercent, type MinorAmount, onFirstUse } from '../../format';
import { BilledAmount, Card, EmptyState, Facts, Loaded, LoadingState, Progress, Time } from '../../ui';
import { type ContractWithVersions, ForecastPart, type Forecast as KnownForecast } from './documents';

/** What a contract in force comes to by the end of its term, and what of it is certain already. */
export function Forecast({ contract: { id, state } }: { contract: ContractWithVersions }) {
  const isShown = useSession().may('INVOICES_READ') && state === 'IN_FORCE';
  const request = useRequest(ForecastPart, { contractId: id }, { pause: !isShown });
  if (!isShown) return null;
  return (
    <Card title="To the end of the term" description="Invoices as they come out if usage goes on as it did.">
      <Loaded request={request} skeleton={<LoadingState lines={6} label="Making the forecast" />}>
        {({ contractForecast }) =>
          contractForecast ? (
            <Known forecast={contractForecast} />
          ) : (
            <EmptyState title="The term has not begun">There is a forecast once something can be used.</EmptyState>
          )
        }
      </Loaded>
    </Card>
  );
}

function Known({ forecast }: { forecast: KnownForecast }) {
  const { periods, commitments, expectedDue, observedFrom, asOf } = forecast;
  const { currency } = expectedDue;
  const known = periods.reduce((sum, { knownDue }) => sum + BigInt(knownDue.minor), 0n);
  const groups = useMemo(
    () =>
      periods.map(
        ({ from, knownDue, expectedDue: expected }): BarGroup => ({
          label: monthFormat().format(new Date(from)),
          values: [Number(knownDue.minor), Number(expected.minor)],
        }),
      ),
    [periods],
  );
  return (
    <>
      <Facts
        columns
        facts={[
          { label: 'Certain by now', value: <BilledAmount amount={{ currency, minor: known.toString() }} /> },
          { label: 'Expected in all', value: <BilledAmount amount={expectedDue} /> },
          { label: 'Pace taken from', value: <Time at={observedFrom} style="minute" /> },
          { label: 'Usage known until', value: <Time at={asOf} style="minute" /> },
        ]}
      />
      <BarGroups
        label="Due by period"
        groupLabel="Period (UTC)"
        series={['Certain by now', 'If usage goes on']}
        groups={groups}
        format={(minor) => formatMinor({ currency, minor: String(Math.round(minor)) })}
        tick={(minor) => formatMinorShort({ currency, minor: String(minor) })}
      />
      {commitments.map((commitment) => (
        <Commitment key={commitment.commitmentId} commitment={commitment} />
      ))}
    </>
  );
}

/** Periods are months, the first and the last perhaps parts of one. */
const monthFormat = onFirstUse(
  () => new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric', timeZone: 'UTC' }),
);

/** How far a commitment is used, and will be by its end: as a bar and in words. */
function Commitment({ commitment }: { commitment: KnownForecast['commitments'][number] }) {
  const { commitmentId, kind, to, amount, consumed, expected } = commitment;
  const share = shareOf(consumed, amount);
  return (
    <div className="flex max-w-xl flex-col gap-1">
      <p className="flex flex-wrap justify-between gap-x-4">
        <span>
          Commitment {commitmentId}, {kind === 'PREPAID' ? 'paid ahead' : 'trued up at its end'}
        </span>
        <span>
          <BilledAmount amount={consumed} /> of <BilledAmount amount={amount} />
        </span>
      </p>
      <Progress label={`Used of commitment ${commitmentId}`} value={share} text={`${formatPercent(share)} used`} />
      <p className="text-sm text-ink-faint">
        By its end, <Time at={to} style="day" />: <BilledAmount amount={expected} /> expected,{' '}
        {outcome(expected, amount)}
      </p>
    </div>
  );
}

function shareOf(part: MinorAmount, whole: MinorAmount): number {
  return whole.minor === '0' ? 1 : Number(part.minor) / Number(whole.minor);
}

function outcome(expected: MinorAmount, { minor, currency }: MinorAmount): string {
  const beyond = BigInt(expected.minor) - BigInt(minor);
  if (beyond === 0n) return 'as committed';
  const difference = formatMinor({ currency, minor: (beyond < 0n ? -beyond : beyond).toString() });
  return beyond > 0n ? `${difference} beyond it` : `${difference} short of it`;
}
