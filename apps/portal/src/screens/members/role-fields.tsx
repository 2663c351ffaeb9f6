import { useSession } from '../../app';
import { isConfined, type RoleName, rolesOf } from '../../format';
import { Checkbox, RadioGroup } from '../../ui';

interface RoleFieldsProps {
  role: RoleName | null;
  onRole: (role: RoleName) => void;
  projectIds: readonly string[];
  onProjectIds: (ids: string[]) => void;
  error?: string;
}

/** What somebody may do, and where. */
export function RoleFields({ role, onRole, projectIds, onProjectIds, error }: RoleFieldsProps) {
  const { organization, projects } = useSession();
  const toggle = (id: string, wanted: boolean) =>
    onProjectIds(wanted ? [...projectIds, id] : projectIds.filter((one) => one !== id));
  return (
    <>
      <RadioGroup
        legend="Role"
        value={role}
        onChange={onRole}
        error={error}
        options={rolesOf(organization.kind).map((one) => ({ value: one.role, label: one.name, help: one.about }))}
      />
      {role && isConfined(role) && (
        <fieldset className="min-w-0">
          <legend className="mb-1.5 font-medium">Projects</legend>
          <div className="flex max-h-48 flex-col gap-2 overflow-y-auto">
            {projects.map(({ id, name }) => (
              <Checkbox
                key={id}
                label={name}
                checked={projectIds.includes(id)}
                onChange={(event) => toggle(id, event.target.checked)}
              />
            ))}
          </div>
          {projectIds.length === 0 && <p className="mt-1 text-sm text-warn">Without a project they see no data.</p>}
        </fieldset>
      )}
    </>
  );
}
