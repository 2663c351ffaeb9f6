import { useNavigate } from '@tanstack/react-router';
import { Gauge, Plus } from 'lucide-react';
import { useState } from 'react';
import { useAction, useNames, useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import { PartnerChoice } from '../../partners';
import { Button, Confirm, EmptyState, Loaded, NoPermission, PageHeader, Pagination, toast, usePage } from '../../ui';
import { CapTable } from './cap-table';
import { CapsPage, RemoveSpendCap, type SpendCap } from './documents';
import { limitText } from './reading';
import { capsRoute } from './route';
import { SetCapDialog } from './set-dialog';

/** The most that may be spent, on what, and how much of it is. */
export function CapsScreen() {
  const { may } = useSession();
  return (
    <>
      <PageHeader title="Spend caps">
        What an organization, a project or a key may spend at most. Where several bound the same, all of them hold.
        Months are those of UTC.
      </PageHeader>
      {may('USAGE_READ') ? <Caps /> : <NoPermission>Spend caps are for who may see usage.</NoPermission>}
    </>
  );
}

function Caps() {
  const { organization } = useSession();
  const whyNot = useWhyNot()('CAPS_WRITE');
  const navigate = useNavigate();
  const search = capsRoute.useSearch();
  const isLab = organization.kind === 'LAB';
  const { page, next, previous } = usePage(20, search.organization);
  const [setting, setSetting] = useState<{ replaces: SpendCap | null } | null>(null);
  const [removing, setRemoving] = useState<SpendCap | null>(null);
  const request = useRequest(
    CapsPage,
    { ...page, organizationId: search.organization },
    { alsoChangesWith: ['SpendCap', 'SpendCapPayload'] },
  );
  // Kept in the address, so that a link leads to one partner's.
  const choose = (partner: string) =>
    void navigate({
      to: paths.caps(),
      search: (partner ? { organization: partner } : {}) as never,
      replace: true,
      resetScroll: false,
    });
  const nodes = request.status === 'ready' ? request.data.spendCaps.nodes : [];
  const partners = useNames(isLab ? nodes.map(({ organizationId }) => organizationId) : []);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        {isLab && (
          <PartnerChoice
            none="All partners"
            className="w-64 max-w-full"
            value={search.organization ?? ''}
            onChange={({ target }) => choose(target.value)}
          />
        )}
        <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setSetting({ replaces: null })}>
          Set a cap
        </Button>
      </div>
      <Loaded request={request}>
        {({ spendCaps: { nodes: caps, pageInfo } }) =>
          caps.length === 0 ? (
            <EmptyState icon={Gauge} title="No spend caps">
              Spending is bounded by nothing but the contract. A hard cap refuses what would go beyond it; a soft one
              tells billing administrators.
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <CapTable
                {...{ caps, whyNot }}
                partners={isLab ? partners : null}
                onReplace={(cap) => setSetting({ replaces: cap })}
                onRemove={setRemoving}
              />
              <Pagination of="caps" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
      {setting && <SetCapDialog replaces={setting.replaces} onClose={() => setSetting(null)} />}
      {removing && <RemoveCap cap={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}

function RemoveCap({ cap, onClose }: { cap: SpendCap; onClose: () => void }) {
  const { run } = useAction(RemoveSpendCap, (data) => data.removeSpendCap);
  const remove = async () => {
    const result = await run({ spendCapId: cap.id });
    if (!result.ok) return result.failures;
    toast('The cap is removed');
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove the cap of ${limitText(cap)}?`}
      confirm="Remove"
      onConfirm={remove}
    >
      <p>It bounds nothing from now on. What it counted stays on record.</p>
    </Confirm>
  );
}
