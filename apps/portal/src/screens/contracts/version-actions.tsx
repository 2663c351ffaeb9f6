import { type ReactNode, useState } from 'react';
import { useAction } from '../../api';
import { type Permission, useSession, useWhyNot } from '../../app';
import { Button, Confirm, ReasonDialog, toast } from '../../ui';
import {
  AcceptContractVersion,
  type ContractVersion,
  DeclineContractVersion,
  OfferContractVersion,
  ReturnContractVersion,
  SubmitContractVersion,
  WithdrawContractVersion,
} from './documents';
import { SignDialog } from './sign-dialog';

type ActionName = 'submit' | 'return' | 'offer' | 'accept' | 'decline' | 'withdraw';

interface Step {
  name: ActionName;
  label: string;
  permission: Permission;
  side: 'LAB' | 'PARTNER';
  /** Where the version stands when it can be taken. */
  from: ReadonlyArray<ContractVersion['state']>;
  isNext?: boolean;
}

const STEPS: readonly Step[] = [
  {
    name: 'submit',
    label: 'Submit for approval',
    permission: 'CONTRACTS_WRITE',
    side: 'LAB',
    from: ['DRAFT'],
    isNext: true,
  },
  {
    name: 'offer',
    label: 'Approve and offer',
    permission: 'CONTRACTS_APPROVE',
    side: 'LAB',
    from: ['IN_REVIEW'],
    isNext: true,
  },
  { name: 'return', label: 'Give back', permission: 'CONTRACTS_APPROVE', side: 'LAB', from: ['IN_REVIEW'] },
  {
    name: 'withdraw',
    label: 'Withdraw',
    permission: 'CONTRACTS_WRITE',
    side: 'LAB',
    from: ['DRAFT', 'IN_REVIEW', 'OFFERED'],
  },
  { name: 'accept', label: 'Accept', permission: 'CONTRACTS_ACCEPT', side: 'PARTNER', from: ['OFFERED'], isNext: true },
  { name: 'decline', label: 'Decline', permission: 'CONTRACTS_ACCEPT', side: 'PARTNER', from: ['OFFERED'] },
];

/** What the reader's side can do with the version as it stands. */
export function VersionActions({ version }: { version: ContractVersion }) {
  const { organization } = useSession();
  const whyNot = useWhyNot();
  const [asked, setAsked] = useState<ActionName | null>(null);
  const Asked = asked && DIALOGS[asked];
  return (
    <>
      {STEPS.filter(({ side, from }) => side === organization.kind && from.includes(version.state)).map((step) => (
        <Button
          key={step.name}
          small
          kind={step.isNext ? 'primary' : 'secondary'}
          whyNot={whyNot(step.permission)}
          onClick={() => setAsked(step.name)}
        >
          {step.label}
        </Button>
      ))}
      {Asked && <Asked version={version} onClose={() => setAsked(null)} />}
    </>
  );
}

interface AskedProps {
  version: ContractVersion;
  onClose: () => void;
}

const DIALOGS: Record<ActionName, (props: AskedProps) => ReactNode> = {
  submit: Submit,
  return: GiveBack,
  offer: Offer,
  accept: Accept,
  decline: Decline,
  withdraw: Withdraw,
};

function Submit({ version, onClose }: AskedProps) {
  const { run } = useAction(SubmitContractVersion, (data) => data.submitContractVersion);
  const submit = async () => {
    const result = await run({ contractVersionId: version.id });
    if (!result.ok) return result.failures;
    toast(`Version ${version.number} is in review`);
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Submit version ${version.number} for approval?`}
      confirm="Submit"
      kind="primary"
      onConfirm={submit}
    >
      Somebody else of the lab approves it: not who drafted, revised or submitted it. Until then it can be given back.
    </Confirm>
  );
}

function Offer({ version, onClose }: AskedProps) {
  const action = useAction(OfferContractVersion, (data) => data.offerContractVersion);
  return (
    <SignDialog
      {...{ version, action, onClose }}
      title={`Approve and offer version ${version.number}?`}
      description="You sign it for the lab; from then on the partner sees it and can accept it."
      confirm="Sign and offer"
      done={`Version ${version.number} is offered`}
    />
  );
}

function Accept({ version, onClose }: AskedProps) {
  const action = useAction(AcceptContractVersion, (data) => data.acceptContractVersion);
  return (
    <SignDialog
      {...{ version, action, onClose }}
      title={`Accept version ${version.number}?`}
      description="You sign it for your organization. It binds both sides from its effective date on and never changes."
      confirm="Sign and accept"
      done={`Version ${version.number} is accepted`}
    />
  );
}

function GiveBack({ version, onClose }: AskedProps) {
  const action = useAction(ReturnContractVersion, (data) => data.returnContractVersion);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ contractVersionId: version.id, reason })}
      title={`Give version ${version.number} back?`}
      description="It becomes a draft again. The partner does not see the reason."
      confirm="Give back"
      kind="primary"
      done={`Version ${version.number} is a draft again`}
    />
  );
}

function Decline({ version, onClose }: AskedProps) {
  const action = useAction(DeclineContractVersion, (data) => data.declineContractVersion);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ contractVersionId: version.id, reason })}
      title={`Decline version ${version.number}?`}
      description="It can not be taken up again: the lab drafts another one. The lab can read the reason."
      confirm="Decline"
      done={`Version ${version.number} is declined`}
    />
  );
}

function Withdraw({ version, onClose }: AskedProps) {
  const action = useAction(WithdrawContractVersion, (data) => data.withdrawContractVersion);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ contractVersionId: version.id, reason })}
      title={`Withdraw version ${version.number}?`}
      description="It can not be taken up again. Of an offer, the partner can read the reason."
      confirm="Withdraw"
      done={`Version ${version.number} is withdrawn`}
    />
  );
}
