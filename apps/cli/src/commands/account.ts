import { GraphqlClient, type SignedIn, signIn, signOut } from '#libs/client';
import type { Commands } from '../commands.js';
import type { Context } from '../context.js';
import { type StoredAccess, toOrigin } from '../credentials.js';
import { CHANGE_PASSWORD, PROJECTS, type Viewer, WHO_AM_I } from '../documents/account.js';
import { collect } from '../documents/shared.js';
import { UsageError } from '../failure.js';
import { formatConstant, formatTime } from '../output/format.js';
import { fields, table } from '../output/table.js';
import { ask, askSecret, readPiped } from '../prompt.js';

interface SignInOptions {
  origin?: string;
  email?: string;
  passwordStdin?: boolean;
  apiKeyStdin?: boolean;
}

export function addAccountCommands(commands: Commands): void {
  commands
    .read<SignInOptions>(
      'sign-in',
      'Sign in with a password, or keep an API key, in ~/.config/forkpoint (for you alone to read)',
      enter,
      (command) =>
        command
          .option('--origin <address>', 'of the platform, such as https://forkpoint.example (FORKPOINT_ORIGIN)')
          .option('--email <address>', 'who signs in')
          .option('--password-stdin', 'read the password from standard input')
          .option('--api-key-stdin', 'read an API key from standard input, and keep that'),
    )
    .read('sign-out', 'End the session and forget what was kept for this platform', leave)
    .read('whoami', 'Show who you are, where, and what you may do', showViewer)
    .group('projects', 'Workspaces of your organization', (group) =>
      group
        .read('list', 'List the projects you may use', listProjects, undefined, { isDefault: true })
        .read('use <project>', 'Make a project the one that commands are about', useProject),
    );
}

async function enter(context: Context, { origin: given, ...options }: SignInOptions): Promise<void> {
  const { terminal, credentials, out } = context;
  const origin = given ? toOrigin(given) : credentials.origin();
  if (options.passwordStdin && options.apiKeyStdin)
    throw new UsageError('give one of --password-stdin, --api-key-stdin');
  const access: StoredAccess = options.apiKeyStdin
    ? { apiKey: (await readPiped(terminal)).trim() }
    : { session: await startSession(context, origin, options) };
  // Nothing is kept that does not work.
  const me = await viewerOf(origin, access);
  // Who signs in again keeps their key for models and their project.
  const earlier = credentials.stored(origin);
  const isSame = access.session !== undefined && access.session.email === earlier.session?.email;
  credentials.remember(origin, isSame ? { ...earlier, ...access } : access);
  const expiresAt = access.session?.expiresAt ?? null;
  out.result({ origin, expiresAt, ...me }, () => {
    const until = expiresAt ? `, until ${formatTime(expiresAt)}` : '';
    return `Signed in to ${origin} as ${nameOf(me)}${until}.`;
  });
  if (credentials.environmentKey())
    out.note('Note: the API key of your environment goes before this. Unset FORKPOINT_API_KEY and OPENAI_API_KEY.');
}

async function startSession(context: Context, origin: string, options: SignInOptions) {
  const { terminal } = context;
  const email = options.email ?? (await ask(terminal, 'Email: ', '--email'));
  const password = options.passwordStdin
    ? await readPiped(terminal)
    : await askSecret(terminal, 'Password: ', '--password-stdin');
  let session = await signIn(origin, email, password);
  if (session.passwordChangeRequired) {
    context.out.note('Your password is an initial one: choose your own, of at least 12 characters.');
    const newPassword = await askSecret(terminal, 'New password: ', 'your own password once in a terminal');
    await changePassword(session, password, newPassword);
    session = await signIn(origin, email, newPassword);
  }
  return { ...session.credentials, expiresAt: session.expiresAt, email };
}

async function changePassword(session: SignedIn, currentPassword: string, newPassword: string): Promise<void> {
  await new GraphqlClient(session).apply(CHANGE_PASSWORD, { currentPassword, newPassword });
}

async function viewerOf(origin: string, { session, apiKey = '' }: StoredAccess): Promise<Viewer> {
  const client = new GraphqlClient({ graphqlUrl: `${origin}/graphql`, credentials: session ?? { apiKey } });
  return (await client.run(WHO_AM_I, {})).me;
}

async function leave({ credentials, out }: Context): Promise<void> {
  const origin = credentials.origin();
  const { session } = credentials.stored(origin);
  if (session) await signOut({ graphqlUrl: `${origin}/graphql`, credentials: session });
  credentials.forget(origin);
  out.result({ origin, signedOut: true }, () => `Signed out of ${origin}.`);
}

async function showViewer({ client, access, out }: Context): Promise<void> {
  const { me } = await client.run(WHO_AM_I, {});
  const credentials = access.from === 'environment' ? 'an API key of the environment' : 'what sign-in kept';
  out.result({ origin: access.origin, ...me }, () =>
    fields(
      [
        ['Platform', access.origin],
        ['You', nameOf(me)],
        ['By', credentials],
        ['Organization', me.organization && `${me.organization.name} (${formatConstant(me.organization.kind)})`],
        ['Projects', me.allProjects ? 'all' : 'those assigned'],
        ['You may', me.permissions.map((permission) => permission.toLowerCase().replace('_', ':')).join(', ')],
      ],
      out.style,
    ),
  );
}

function nameOf({ type, id, user }: Viewer): string {
  if (type !== 'USER' || !user) return `${formatConstant(type)} ${id}`;
  return `${user.displayName} <${user.email}>`;
}

async function listProjects({ client, out }: Context): Promise<void> {
  const projects = await collect(async (page) => (await client.run(PROJECTS, page)).projects, 1_000);
  out.result(projects, () => {
    if (projects.length === 0) return 'No projects: ask an administrator for one.';
    const columns = [
      { title: 'PROJECT', value: ({ slug }: (typeof projects)[number]) => slug },
      { title: 'NAME', value: ({ name }: (typeof projects)[number]) => name },
      { title: 'ID', value: ({ id }: (typeof projects)[number]) => id },
    ];
    return table(projects, columns, out.style);
  });
}

async function useProject(context: Context, _: object, project: string): Promise<void> {
  const { credentials, access, out } = context;
  const projects = await collect(async (page) => (await context.client.run(PROJECTS, page)).projects, 1_000);
  const chosen = projects.find(({ id, slug }) => id === project || slug === project);
  if (!chosen) throw new UsageError(`you have no project ${project}: see forkpoint projects`);
  credentials.remember(access.origin, { ...credentials.stored(access.origin), projectId: chosen.id });
  out.result(chosen, () => `Commands are about ${chosen.slug} from now on.`);
}
