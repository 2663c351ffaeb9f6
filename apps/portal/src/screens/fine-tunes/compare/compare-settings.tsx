import { useMemo, useState } from 'react';
import { EmptyState, Switch } from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import type { ComparedJob } from './documents';
import { type Setting, settingsOf } from './settings';

interface CompareSettingsProps {
  jobs: readonly ComparedJob[];
  names: ReadonlyMap<string, string>;
}

/** What each job was made from: what differs, or all of it. */
export function CompareSettings({ jobs, names }: CompareSettingsProps) {
  const [all, setAll] = useState(false);
  const settings = useMemo(() => settingsOf(jobs), [jobs]);
  const rows = useMemo(() => settings.filter(({ differs }) => all || differs), [settings, all]);
  const columns: Array<Column<Setting>> = [
    { id: 'label', header: 'Setting', cell: ({ label }) => <span className="whitespace-nowrap">{label}</span> },
    ...jobs.map(
      ({ id }, place): Column<Setting> => ({
        id,
        header: names.get(id) ?? id,
        cell: ({ values, differs }) => (
          <span className={differs && all ? 'font-medium' : ''}>{values[place] ?? '–'}</span>
        ),
      }),
    ),
  ];
  return (
    <div className="flex flex-col gap-3">
      <Switch label="Also what is the same" checked={all} onChange={setAll} />
      {rows.length === 0 ? (
        <EmptyState title="Nothing differs">These jobs were made from the same base, data and settings.</EmptyState>
      ) : (
        <Table compact caption="Settings of the runs" columns={columns} rows={rows} rowId={({ id }) => id} />
      )}
    </div>
  );
}
