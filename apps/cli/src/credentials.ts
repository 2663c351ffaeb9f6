import { type ClientOptions, RefusedError } from '#libs/client';
import { UsageError } from './failure.js';
import { readUserFile, removeUserFile, userFile, writeUserFile } from './user-files.js';

export interface StoredSession {
  cookie: string;
  csrfToken: string;
  expiresAt: string;
  email: string;
}

/** What is remembered about one platform. */
export interface StoredAccess {
  session?: StoredSession;
  apiKey?: string;
  /** The project that commands are about unless they name one. */
  projectId?: string;
}

interface CredentialsFile {
  /** The platform that was signed in to last. */
  current: string;
  origins: Record<string, StoredAccess>;
}

/** Who a command calls as, and where. */
export interface Access {
  origin: string;
  credentials: ClientOptions['credentials'];
  from: 'environment' | 'file';
}

/** Where `npm start` of a checkout listens. */
const USUAL_ORIGIN = 'http://127.0.0.1:21000';
const KEY_PREFIX = 'fpk_';

/** ~/.config/forkpoint/credentials.json: what signing in left, by platform, so that no credential reaches another one. */
export class CredentialStore {
  private readonly path: string;

  constructor(private readonly environment: NodeJS.ProcessEnv) {
    this.path = userFile(environment, 'credentials.json');
  }

  /** FORKPOINT_ORIGIN, else where one signed in last, else a platform on this machine. */
  origin(): string {
    const { FORKPOINT_ORIGIN, OPENAI_BASE_URL } = this.environment;
    if (FORKPOINT_ORIGIN) return toOrigin(FORKPOINT_ORIGIN);
    // An address of OpenAI's client is one of ours if the key beside it is.
    if (OPENAI_BASE_URL && this.environmentKey()) return toOrigin(OPENAI_BASE_URL);
    return this.file().current || USUAL_ORIGIN;
  }

  stored(origin: string): StoredAccess {
    return this.file().origins[origin] ?? {};
  }

  /** A key of the environment goes before what is stored. */
  access(now: Date): Access {
    const origin = this.origin();
    const key = this.environmentKey();
    if (key) return { origin, credentials: { apiKey: key }, from: 'environment' };
    const { session, apiKey } = this.stored(origin);
    if (session && new Date(session.expiresAt) > now) {
      const { cookie, csrfToken } = session;
      return { origin, credentials: { cookie, csrfToken }, from: 'file' };
    }
    // A key that was kept beside a session is for models alone: it would be refused nearly everything else.
    if (apiKey && !session) return { origin, credentials: { apiKey }, from: 'file' };
    const expired = session ? `Your session on ${origin} has ended` : `You are not signed in to ${origin}`;
    throw new RefusedError(
      session ? 'SESSION_EXPIRED' : 'NOT_SIGNED_IN',
      `${expired}. Run: forkpoint sign-in, or set FORKPOINT_API_KEY (and FORKPOINT_ORIGIN).`,
    );
  }

  /** For the endpoints that take keys alone. It outlives the session that it was kept beside. */
  modelKey(): string | null {
    return this.environmentKey() ?? this.stored(this.origin()).apiKey ?? null;
  }

  environmentKey(): string | null {
    const { FORKPOINT_API_KEY, OPENAI_API_KEY } = this.environment;
    if (FORKPOINT_API_KEY) return FORKPOINT_API_KEY;
    // A key of another provider is none of ours to send anywhere.
    return OPENAI_API_KEY?.startsWith(KEY_PREFIX) ? OPENAI_API_KEY : null;
  }

  /** Replaces what is remembered about a platform, and makes it the one that commands go to. */
  remember(origin: string, access: StoredAccess): void {
    const { origins } = this.file();
    writeUserFile(this.path, { current: origin, origins: { ...origins, [origin]: access } });
  }

  forget(origin: string): void {
    const { current, origins } = this.file();
    const { [origin]: _, ...others } = origins;
    const [next] = Object.keys(others);
    if (next) writeUserFile(this.path, { current: current === origin ? next : current, origins: others });
    else removeUserFile(this.path);
  }

  private file(): CredentialsFile {
    return readUserFile<CredentialsFile>(this.path) ?? { current: '', origins: {} };
  }
}

export function toOrigin(text: string): string {
  try {
    return new URL(text).origin;
  } catch {
    throw new UsageError(`${text} is no address of a platform: give one such as https://forkpoint.example`);
  }
}
