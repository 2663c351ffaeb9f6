import { ChevronsUpDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { OnDemand } from '../ui/on-demand';
import { useProject, useSession } from './session';

const FRAME = 'flex w-full min-w-0 items-center gap-2 rounded-md border border-line px-2.5 py-1.5';

/** The project is part of the address: who is sent a link sees the same data, if they may. */
export function ProjectSwitcher() {
  const { projects } = useSession();
  if (projects.length < 2) {
    return (
      <div className={FRAME}>
        <ProjectLabel />
      </div>
    );
  }
  return <OnDemand button={(press) => <ProjectButton {...press} />} load={loadMenu} />;
}

const loadMenu = () => import('./project-menu').then(({ ProjectMenu }) => ProjectMenu);

export function ProjectButton(props: ComponentProps<'button'>) {
  return (
    <button type="button" aria-haspopup="menu" {...props} className={`${FRAME} hover:border-line-strong`}>
      <span className="sr-only">Project:</span>
      <ProjectLabel />
      <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
    </button>
  );
}

function ProjectLabel() {
  const { organization } = useSession();
  const project = useProject();
  return (
    <span className="min-w-0 grow text-left">
      <span className="block truncate text-xs text-ink-faint">{organization.name}</span>
      <span className="block truncate font-medium">{project?.name ?? 'No project'}</span>
    </span>
  );
}
