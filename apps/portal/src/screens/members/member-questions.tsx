import { useRef, useState } from 'react';
import { useAction } from '../../api';
import { Confirm, toast } from '../../ui';
import { type Member, RemoveMember, ResetMemberPassword } from './documents';
import { NewPassword } from './new-password';

interface QuestionProps {
  member: Member;
  onClose: () => void;
}

export function ResetPassword({ member, onClose }: QuestionProps) {
  const { run } = useAction(ResetMemberPassword, (data) => data.resetMemberPassword);
  const [given, setGiven] = useState<{ password: string | null } | null>(null);
  const isGiven = useRef(false);
  const name = member.user?.displayName ?? 'this member';
  const reset = async () => {
    const result = await run({ memberId: member.id });
    if (!result.ok) return result.failures;
    isGiven.current = true;
    setGiven({ password: result.payload.initialPassword });
    return [];
  };
  if (given) {
    return (
      <NewPassword
        title="New password"
        email={member.user?.email ?? name}
        password={given.password}
        onClose={onClose}
      />
    );
  }
  return (
    <Confirm
      open
      // Once it is given the question goes, and the password comes in its place.
      onOpenChange={(open) => !open && !isGiven.current && onClose()}
      title={`Give ${name} a new password?`}
      confirm="Give a new password"
      onConfirm={reset}
    >
      <p>The present one ends at once, and so do their sessions. Their keys go on.</p>
    </Confirm>
  );
}

export function RemoveQuestion({ member, onClose }: QuestionProps) {
  const { run } = useAction(RemoveMember, (data) => data.removeMember);
  const name = member.user?.displayName ?? 'this member';
  const remove = async () => {
    const result = await run({ memberId: member.id });
    if (!result.ok) return result.failures;
    toast(`${name} is removed`);
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${name}?`}
      confirm="Remove"
      onConfirm={remove}
    >
      <p>Their sessions and keys end at once; programs that use those keys are refused. What they made stays.</p>
    </Confirm>
  );
}
