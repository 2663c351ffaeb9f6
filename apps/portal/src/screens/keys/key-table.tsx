import { useMemo, useState } from 'react';
import { useAction } from '../../api';
import { useWhyNot } from '../../app';
import { formatCount, now, permissionName } from '../../format';
import { Badge, Button, Confirm, Status, Time, toast } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type ApiKey, RevokeApiKey } from './documents';

interface KeyTableProps {
  caption: string;
  keys: ApiKey[];
  /** The owner goes without saying where all belong to one. */
  withOwner?: boolean;
  /** For who keeps keys that no query of its own brings up to date. */
  onRevoked?: () => void;
}

export function KeyTable({ caption, keys, withOwner = true, onRevoked }: KeyTableProps) {
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const whyNot = useWhyNot()('KEYS_WRITE');
  const columns = useMemo(
    (): Array<Column<ApiKey>> => [
      NAME,
      ...(withOwner ? [OWNER] : []),
      ...PROPERTIES,
      {
        id: 'revoke',
        header: 'Revoke',
        cell: (key) =>
          !key.revokedAt && (
            <Button small kind="danger" whyNot={whyNot} onClick={() => setRevoking(key)}>
              Revoke<span className="sr-only"> {key.name}</span>
            </Button>
          ),
      },
    ],
    [withOwner, whyNot],
  );
  return (
    <>
      <Table caption={caption} columns={columns} rows={keys} rowId={({ id }) => id} />
      {revoking && <RevokeQuestion apiKey={revoking} onRevoked={onRevoked} onClose={() => setRevoking(null)} />}
    </>
  );
}

interface RevokeQuestionProps {
  apiKey: ApiKey;
  onRevoked?: () => void;
  onClose: () => void;
}

function RevokeQuestion({ apiKey, onRevoked, onClose }: RevokeQuestionProps) {
  const { run } = useAction(RevokeApiKey, (data) => data.revokeApiKey);
  const revoke = async () => {
    const result = await run({ apiKeyId: apiKey.id });
    if (!result.ok) return result.failures;
    toast(`${apiKey.name} is revoked`);
    onRevoked?.();
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Revoke ${apiKey.name}?`}
      confirm="Revoke"
      onConfirm={revoke}
    >
      <p>
        Whatever uses <span className="font-mono">{apiKey.hint}</span> is refused within a second. This can not be
        undone; make another key instead.
      </p>
    </Confirm>
  );
}

const NAME: Column<ApiKey> = {
  id: 'name',
  header: 'Name',
  wide: true,
  sortBy: ({ name }) => name.toLowerCase(),
  cell: ({ name, hint }) => (
    <div className="min-w-40">
      <span className="block font-medium break-words">{name}</span>
      <span className="font-mono text-sm text-ink-faint">{hint}</span>
    </div>
  ),
};

const OWNER: Column<ApiKey> = {
  id: 'owner',
  header: 'Owner',
  sortBy: ({ user, serviceAccount }) => serviceAccount?.name ?? user?.displayName ?? '',
  cell: ({ user, serviceAccount }) => (
    <>
      <span className="block">{serviceAccount?.name ?? user?.displayName ?? 'Removed'}</span>
      <span className="text-sm text-ink-faint">{serviceAccount ? 'Service account' : user?.email}</span>
    </>
  ),
};

const PROPERTIES: ReadonlyArray<Column<ApiKey>> = [
  { id: 'scopes', header: 'May', cell: ({ scopes, name }) => <Scopes scopes={scopes} of={name} /> },
  {
    id: 'project',
    header: 'Project',
    sortBy: ({ project }) => project?.name ?? '',
    cell: ({ project }) => <span className="whitespace-nowrap">{project?.name ?? 'All of its owner'}</span>,
  },
  { id: 'limits', header: 'Limits per minute', cell: (key) => <Limits apiKey={key} /> },
  {
    id: 'state',
    header: 'State',
    sortBy: ({ expiresAt, revokedAt }) => revokedAt ?? expiresAt ?? '9',
    cell: (key) => <KeyState apiKey={key} />,
  },
  {
    id: 'created',
    header: 'Made',
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

function Scopes({ scopes, of }: { scopes: ApiKey['scopes']; of: string }) {
  const [first] = scopes;
  if (scopes.length === 1 && first) return <Badge>{permissionName(first)}</Badge>;
  return (
    <details className="min-w-36">
      <summary>
        {formatCount(scopes.length)} permissions<span className="sr-only"> of {of}</span>
      </summary>
      <ul className="mt-1 text-sm text-ink-soft">
        {scopes.map((scope) => (
          <li key={scope}>{permissionName(scope)}</li>
        ))}
      </ul>
    </details>
  );
}

function Limits({ apiKey: { requestsPerMinute, tokensPerMinute } }: { apiKey: ApiKey }) {
  const limits = [
    requestsPerMinute === null ? null : `${formatCount(requestsPerMinute)} requests`,
    tokensPerMinute === null ? null : `${formatCount(tokensPerMinute)} tokens`,
  ].filter(Boolean);
  return <span className="text-ink-soft">{limits.join(', ') || 'None of its own'}</span>;
}

function KeyState({ apiKey: { expiresAt, revokedAt } }: { apiKey: ApiKey }) {
  if (revokedAt) {
    return (
      <Labelled tone="neutral" label="Revoked">
        <Time at={revokedAt} />
      </Labelled>
    );
  }
  if (!expiresAt) {
    return (
      <Labelled tone="ok" label="In force">
        does not expire
      </Labelled>
    );
  }
  const isOver = Date.parse(expiresAt) <= now();
  return (
    <Labelled tone={isOver ? 'neutral' : 'ok'} label={isOver ? 'Expired' : 'In force'}>
      {!isOver && 'expires '}
      <Time at={expiresAt} />
    </Labelled>
  );
}

function Labelled({ tone, label, children }: { tone: 'ok' | 'neutral'; label: string; children: React.ReactNode }) {
  return (
    <>
      <Status tone={tone}>{label}</Status>
      <span className="block text-sm whitespace-nowrap text-ink-faint">{children}</span>
    </>
  );
}
