import { Bot, KeyRound, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { type ResultOf, useAction, useEveryPage, useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import { plural, roleName } from '../../format';
import {
  Badge,
  Button,
  Card,
  Confirm,
  EmptyState,
  LinkButton,
  Loaded,
  PageHeader,
  Pagination,
  Time,
  toast,
  usePage,
} from '../../ui';
import { CreateServiceAccountDialog } from './create-service-account';
import { type ApiKey, KeysInForce, RemoveServiceAccount, ServiceAccountsPage } from './documents';
import { KeyTable } from './key-table';

type ServiceAccount = ResultOf<typeof ServiceAccountsPage>['serviceAccounts']['nodes'][number];

export function ServiceAccountsScreen() {
  const { may } = useSession();
  const whyNot = useWhyNot()('MEMBERS_WRITE');
  const { page, next, previous } = usePage(20);
  const accounts = useRequest(ServiceAccountsPage, page, { alsoChangesWith: ['ServiceAccount'] });
  const keys = useEveryPage(KeysInForce, may('KEYS_READ') ? NO_VARIABLES : null, keysOf);
  const [creating, setCreating] = useState(false);
  const isEmpty = accounts.status === 'ready' && accounts.data.serviceAccounts.nodes.length === 0;
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setCreating(true)}>
      New service account
    </Button>
  );
  return (
    <>
      <PageHeader title="Service accounts" actions={isEmpty ? null : button}>
        Accounts for programs. They act by their keys, which stay when the person who made them leaves.
      </PageHeader>
      <Loaded request={accounts}>
        {({ serviceAccounts: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={Bot} title="No service accounts" actions={button}>
              <p>Make one for each program that runs without a person, such as a pipeline or an application.</p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-4">
              {nodes.map((account) => (
                <Account
                  key={account.id}
                  account={account}
                  keys={keys.status === 'ready' ? keys.data : null}
                  onRevoked={keys.refresh}
                />
              ))}
              <Pagination
                of="service accounts"
                info={pageInfo}
                busy={accounts.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </div>
          )
        }
      </Loaded>
      {creating && <CreateServiceAccountDialog onClose={() => setCreating(false)} />}
    </>
  );
}

const NO_VARIABLES = {};
const keysOf = ({ apiKeys }: ResultOf<typeof KeysInForce>) => apiKeys;

interface AccountProps {
  account: ServiceAccount;
  /** Of everybody; null while they are not known, or may not be. */
  keys: readonly ApiKey[] | null;
  onRevoked: () => void;
}

function Account({ account, keys, onRevoked }: AccountProps) {
  const { id, name, role, project, createdAt } = account;
  const [removing, setRemoving] = useState(false);
  const whyNot = useWhyNot();
  const own = useMemo(() => keys?.filter(({ serviceAccount }) => serviceAccount?.id === id) ?? null, [keys, id]);
  return (
    <Card
      title={name}
      actions={
        <>
          {whyNot('KEYS_WRITE') ? (
            <Button small icon={KeyRound} whyNot={whyNot('KEYS_WRITE')}>
              New key
            </Button>
          ) : (
            <LinkButton small icon={KeyRound} to={paths.keys()} search={{ create: 'any', account: id } as never}>
              New key<span className="sr-only"> for {name}</span>
            </LinkButton>
          )}
          <Button small kind="danger" whyNot={whyNot('MEMBERS_WRITE')} onClick={() => setRemoving(true)}>
            Remove<span className="sr-only"> {name}</span>
          </Button>
        </>
      }
    >
      <p className="-mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-soft">
        <Badge>{roleName(role)}</Badge>
        <span>{project ? `In ${project.name}` : 'In all projects'}</span>
        <span>
          Made <Time at={createdAt} />
        </span>
      </p>
      {own && own.length > 0 && (
        <KeyTable caption={`Keys of ${name}`} keys={own} withOwner={false} onRevoked={onRevoked} />
      )}
      {own?.length === 0 && <p className="text-ink-faint">No keys in force: it can do nothing yet.</p>}
      <RemoveQuestion account={account} keyCount={own?.length ?? null} open={removing} onOpenChange={setRemoving} />
    </Card>
  );
}

interface RemoveQuestionProps {
  account: ServiceAccount;
  keyCount: number | null;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function RemoveQuestion({ account, keyCount, open, onOpenChange }: RemoveQuestionProps) {
  const { run } = useAction(RemoveServiceAccount, (data) => data.removeServiceAccount);
  const remove = async () => {
    const result = await run({ serviceAccountId: account.id });
    if (!result.ok) return result.failures;
    toast(`${account.name} is removed`);
    return [];
  };
  return (
    <Confirm
      open={open}
      onOpenChange={onOpenChange}
      title={`Remove ${account.name}?`}
      confirm="Remove"
      onConfirm={remove}
    >
      <p>
        {keyCount === null ? 'Its keys end' : `${plural(keyCount, 'key')} ${keyCount === 1 ? 'ends' : 'end'}`} at once:
        programs that use it are refused. This can not be undone.
      </p>
    </Confirm>
  );
}
