import { useNavigate } from '@tanstack/react-router';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { paths, useWhyNot } from '../../app';
import { Button, EmptyState, Loaded, PageHeader, Pagination, Switch, usePage } from '../../ui';
import { CreateKeyDialog } from './create-key';
import { KeysPage } from './documents';
import { KeyTable } from './key-table';
import { keysRoute } from './route';

export function KeysScreen() {
  const { create, account } = keysRoute.useSearch();
  const navigate = useNavigate();
  const whyNot = useWhyNot()('KEYS_WRITE');
  const [includeRevoked, setIncludeRevoked] = useState(false);
  const { page, next, previous } = usePage(25, String(includeRevoked));
  const keys = useRequest(KeysPage, { ...page, includeRevoked }, { alsoChangesWith: ['ApiKey'] });
  const isEmpty = keys.status === 'ready' && keys.data.apiKeys.nodes.length === 0;
  const open = (kind: 'inference' | 'any') => void navigate({ to: paths.keys(), search: { create: kind } as never });
  const close = () => void navigate({ to: paths.keys(), search: {}, replace: true });
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => open('any')}>
      New key
    </Button>
  );
  return (
    <>
      <PageHeader title="API keys" actions={isEmpty ? null : button}>
        Programs and editors call the platform with a key. It may do what both its scopes and its owner's role allow.
      </PageHeader>
      <div className="flex flex-col gap-3">
        <Switch label="Show revoked keys too" checked={includeRevoked} onChange={setIncludeRevoked} />
        <Loaded request={keys}>
          {({ apiKeys: { nodes, pageInfo } }) =>
            nodes.length === 0 ? (
              <EmptyState icon={KeyRound} title="No keys yet" actions={button}>
                <p>Make one to call models from code, an editor or a pipeline.</p>
              </EmptyState>
            ) : (
              <>
                <KeyTable caption="API keys" keys={nodes} />
                <Pagination of="keys" info={pageInfo} busy={keys.refreshing} onNext={next} onPrevious={previous} />
              </>
            )
          }
        </Loaded>
      </div>
      {create && !whyNot && (
        <CreateKeyDialog preset={create === 'inference' ? 'inference' : undefined} account={account} onClose={close} />
      )}
    </>
  );
}
