import { type Commands, integer, list } from '../commands.js';
import type { Context } from '../context.js';
import { API_KEYS, type ApiKey, CREATE_API_KEY, REVOKE_API_KEY } from '../documents/keys.js';
import { collect } from '../documents/shared.js';
import { UsageError } from '../failure.js';
import { formatTime, toConstant } from '../output/format.js';
import { fields, table } from '../output/table.js';

interface CreateOptions {
  scope: string[];
  expiresInDays?: number;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  serviceAccount?: string;
  keep?: boolean;
}

const MILLISECONDS_PER_DAY = 86_400_000;

export function addKeyCommands(commands: Commands): void {
  commands.group('keys', 'API keys', (group) =>
    group
      .read<{ revoked?: boolean }>(
        'list',
        'List API keys',
        listKeys,
        (command) => command.option('--revoked', 'also those that were revoked'),
        { isDefault: true },
      )
      .act<CreateOptions>('create <name>', 'Make a key: it is shown once', createKey, (command) =>
        command
          .requiredOption('--scope <permissions>', 'what it may do, such as inference:call,datasets:write', list)
          .option('--expires-in-days <days>', 'when it ends', integer(1, 3650))
          .option('--requests-per-minute <count>', 'limit of its inference calls', integer(1))
          .option('--tokens-per-minute <count>', 'limit of its inference tokens', integer(1))
          .option('--service-account <id>', 'whose key it is; yours if left out')
          .option('--keep', 'remember it for forkpoint chat'),
      )
      .act('revoke <key>', 'End a key at once', revokeKey),
  );
}

async function listKeys(context: Context, { revoked }: { revoked?: boolean }): Promise<void> {
  const { client, out } = context;
  const filter = { projectId: await context.namedProjectId(), includeRevoked: revoked === true };
  const keys = await collect(async (page) => (await client.run(API_KEYS, { ...page, ...filter })).apiKeys, 1_000);
  out.result(keys, () => {
    if (keys.length === 0) return 'No keys. Make one: forkpoint keys create <name> --scope inference:call';
    return table(
      keys,
      [
        { title: 'ID', value: (key) => key.id },
        { title: 'NAME', value: (key) => key.name },
        { title: 'KEY', value: (key) => key.hint },
        { title: 'PROJECT', value: (key) => key.project?.slug ?? '' },
        { title: 'OF', value: ownerOf },
        { title: 'EXPIRES', value: (key) => formatTime(key.expiresAt) },
        { title: 'REVOKED', value: (key) => formatTime(key.revokedAt) },
        { title: 'MAY', value: (key) => key.scopes.map(asPermission).join(' ') },
      ],
      out.style,
    );
  });
}

async function createKey(context: Context, options: CreateOptions, name: string): Promise<void> {
  const { out, credentials, terminal } = context;
  if (options.keep && context.access.from === 'environment')
    throw new UsageError('--keep stores a key beside a session: sign in first, and unset the key of the environment');
  const days = options.expiresInDays;
  const { apiKey, secret } = await context.act(CREATE_API_KEY, {
    name,
    scopes: options.scope.map(toConstant),
    projectId: await context.projectId(),
    serviceAccountId: options.serviceAccount,
    expiresAt:
      days === undefined ? undefined : new Date(terminal.now().getTime() + days * MILLISECONDS_PER_DAY).toISOString(),
    requestsPerMinute: options.requestsPerMinute,
    tokensPerMinute: options.tokensPerMinute,
  });
  if (options.keep && secret) {
    const { origin } = context.access;
    credentials.remember(origin, { ...credentials.stored(origin), apiKey: secret });
  }
  out.result({ ...apiKey, secret }, () => {
    const shown = secret ?? '(it was shown when it was made)';
    const entries = [
      ['Key', out.style.bold(shown)],
      ['Id', apiKey.id],
      ['Expires', formatTime(apiKey.expiresAt)],
    ] as const;
    return fields(entries, out.style);
  });
  if (secret) out.note(options.keep ? 'forkpoint chat uses it from now on.' : 'Keep it now: it is not shown again.');
}

async function revokeKey(context: Context, _: object, apiKeyId: string): Promise<void> {
  const { apiKey } = await context.act(REVOKE_API_KEY, { apiKeyId });
  context.out.result(apiKey, () => `${apiKey.name} (${apiKey.hint}) is revoked.`);
}

function ownerOf({ user, serviceAccount }: ApiKey): string {
  return user?.email ?? serviceAccount?.name ?? '';
}

/** INFERENCE_CALL is inference:call. */
function asPermission(constant: string): string {
  return constant.toLowerCase().replace('_', ':');
}
