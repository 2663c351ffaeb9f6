import { useState } from 'react';
import { useAction } from '../../api';
import { isConfined, type RoleName } from '../../format';
import { Button, Dialog, Failures, toast } from '../../ui';
import { ChangeMemberRole, type Member } from './documents';
import { RoleFields } from './role-fields';

export function ChangeRoleDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { run, busy, failures } = useAction(ChangeMemberRole, (data) => data.changeMemberRole);
  const [role, setRole] = useState<RoleName>(member.role);
  const [projectIds, setProjectIds] = useState(() => member.projects.map(({ id }) => id));
  const name = member.user?.displayName ?? 'this member';
  const save = async () => {
    const result = await run({ memberId: member.id, role, ...(isConfined(role) ? { projectIds } : {}) });
    if (!result.ok) return;
    toast(`${name} is changed`, 'It holds from their next call on.');
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`What ${name} may do`}
      description="Their keys follow: a key never does more than its owner."
      actions={
        <>
          <Button kind="primary" busy={busy} onClick={() => void save()}>
            Save
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        </>
      }
    >
      <RoleFields role={role} onRole={setRole} projectIds={projectIds} onProjectIds={setProjectIds} />
      <Failures failures={failures} />
    </Dialog>
  );
}
