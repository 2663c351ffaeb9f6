import { Ellipsis, FolderPlus, UserPlus, Users } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useRequest } from '../../api';
import { useSession, useWhyNot } from '../../app';
import { roleName } from '../../format';
import {
  Badge,
  Button,
  EmptyState,
  IconButton,
  Loaded,
  Menu,
  MenuItem,
  MenuSeparator,
  PageHeader,
  Pagination,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { AddMemberDialog } from './add-member';
import { ChangeRoleDialog } from './change-role';
import { CreateProjectDialog } from './create-project';
import { type Member, MembersPage } from './documents';
import { RemoveQuestion, ResetPassword } from './member-questions';
import { Projects } from './projects';

type Asked = 'role' | 'password' | 'remove';

export function MembersScreen() {
  const whyNot = useWhyNot();
  const { page, next, previous } = usePage(50);
  const members = useRequest(MembersPage, page, { alsoChangesWith: ['Member'] });
  const [adding, setAdding] = useState<'member' | 'project' | null>(null);
  const [asked, setAsked] = useState<{ what: Asked; member: Member } | null>(null);
  const mayNot = whyNot('MEMBERS_WRITE');
  const columns = useMemo(
    (): Array<Column<Member>> => [
      ...FIXED_COLUMNS,
      {
        id: 'actions',
        header: 'Change',
        cell: (member) => <Actions member={member} whyNot={mayNot} onAsk={(what) => setAsked({ what, member })} />,
      },
    ],
    [mayNot],
  );
  const close = () => setAsked(null);
  return (
    <>
      <PageHeader
        title="Members"
        actions={
          <>
            <Button icon={FolderPlus} whyNot={whyNot('PROJECTS_WRITE')} onClick={() => setAdding('project')}>
              New project
            </Button>
            <Button kind="primary" icon={UserPlus} whyNot={mayNot} onClick={() => setAdding('member')}>
              Add a member
            </Button>
          </>
        }
      >
        People of the organization, and what each may do.
      </PageHeader>
      <div className="flex flex-col gap-7">
        <Loaded request={members}>
          {({ members: { nodes, pageInfo } }) =>
            nodes.length === 0 ? (
              <EmptyState icon={Users} title="No members" />
            ) : (
              <div className="flex flex-col gap-3">
                <Table caption="Members" columns={columns} rows={nodes} rowId={({ id }) => id} />
                <Pagination
                  of="members"
                  info={pageInfo}
                  busy={members.refreshing}
                  onNext={next}
                  onPrevious={previous}
                />
              </div>
            )
          }
        </Loaded>
        <Projects />
      </div>
      {adding === 'member' && <AddMemberDialog onClose={() => setAdding(null)} />}
      {adding === 'project' && <CreateProjectDialog onClose={() => setAdding(null)} />}
      {asked?.what === 'role' && <ChangeRoleDialog member={asked.member} onClose={close} />}
      {asked?.what === 'password' && <ResetPassword member={asked.member} onClose={close} />}
      {asked?.what === 'remove' && <RemoveQuestion member={asked.member} onClose={close} />}
    </>
  );
}

function Person({ member: { user } }: { member: Member }) {
  const session = useSession();
  return (
    <>
      <span className="block font-medium">
        {user?.displayName ?? 'Unknown'} {user?.id === session.user.id && <Badge>You</Badge>}
      </span>
      <span className="text-sm text-ink-faint">{user?.email}</span>
    </>
  );
}

const FIXED_COLUMNS: ReadonlyArray<Column<Member>> = [
  {
    id: 'person',
    header: 'Person',
    wide: true,
    sortBy: ({ user }) => user?.displayName.toLowerCase() ?? '',
    cell: (member) => <Person member={member} />,
  },
  { id: 'role', header: 'Role', sortBy: ({ role }) => roleName(role), cell: ({ role }) => roleName(role) },
  {
    id: 'projects',
    header: 'Projects',
    cell: ({ allProjects, projects }) =>
      allProjects ? (
        'All'
      ) : (
        <span className="block min-w-32">
          {projects.map(({ name }) => name).join(', ') || <span className="text-warn">None: sees no data</span>}
        </span>
      ),
  },
  {
    id: 'added',
    header: 'Added',
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

interface ActionsProps {
  member: Member;
  whyNot: string | null;
  onAsk: (what: Asked) => void;
}

function Actions({ member, whyNot, onAsk }: ActionsProps) {
  const label = `Change ${member.user?.displayName ?? 'this member'}`;
  if (whyNot) return <IconButton icon={Ellipsis} label={label} whyNot={whyNot} />;
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label={label} />}>
      <MenuItem onSelect={() => onAsk('role')}>Change role and projects</MenuItem>
      <MenuItem onSelect={() => onAsk('password')}>Give a new password</MenuItem>
      <MenuSeparator />
      <MenuItem danger onSelect={() => onAsk('remove')}>
        Remove
      </MenuItem>
    </Menu>
  );
}
