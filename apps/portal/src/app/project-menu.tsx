import { useNavigate } from '@tanstack/react-router';
import { Menu, MenuChoice } from '../ui';
import { ProjectButton } from './project-switcher';
import { useProject, useSession } from './session';

export function ProjectMenu() {
  const { projects } = useSession();
  const current = useProject();
  const navigate = useNavigate();
  const choose = (slug: string) =>
    void navigate({ to: '.', search: ((old: object) => ({ ...old, project: slug })) as never });
  return (
    <Menu align="start" defaultOpen trigger={<ProjectButton />}>
      <MenuChoice
        label="Project"
        value={current?.slug ?? ''}
        options={projects.map(({ slug, name }) => ({ value: slug, label: name }))}
        onChange={choose}
      />
    </Menu>
  );
}
