import type { ResultOf } from '../../api';
import { useRequest } from '../../api';
import { EmptyState, Loaded, Section, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { ProjectsOfOrganization } from './documents';

type Project = ResultOf<typeof ProjectsOfOrganization>['projects']['nodes'][number];

/** The workspaces that members are assigned to. */
export function Projects() {
  const request = useRequest(ProjectsOfOrganization, {}, { alsoChangesWith: ['Project'] });
  return (
    <Section title="Projects" description="A project owns data, jobs, deployments and keys. Usage is counted for each.">
      <Loaded request={request}>
        {({ projects: { nodes } }) =>
          nodes.length === 0 ? (
            <EmptyState title="No projects that are yours">
              <p>Ask an administrator to assign you to one.</p>
            </EmptyState>
          ) : (
            <Table caption="Projects of the organization" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
          )
        }
      </Loaded>
    </Section>
  );
}

const COLUMNS: ReadonlyArray<Column<Project>> = [
  { id: 'name', header: 'Name', wide: true, sortBy: ({ name }) => name.toLowerCase(), cell: ({ name }) => name },
  {
    id: 'slug',
    header: 'In addresses',
    cell: ({ slug }) => <span className="font-mono text-sm whitespace-nowrap">{slug}</span>,
  },
  {
    id: 'created',
    header: 'Made',
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
