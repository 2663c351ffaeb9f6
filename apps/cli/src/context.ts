import type { OpenAI } from 'openai';
import { GraphqlClient, type MutationOperation, RefusedError } from '#libs/client';
import { type Access, CredentialStore } from './credentials.js';
import { PROJECTS } from './documents/account.js';
import { collect } from './documents/shared.js';
import { UsageError } from './failure.js';
import { Output } from './output/output.js';
import type { Terminal } from './terminal.js';

/** Options that every command has. */
export interface CommonOptions {
  json?: boolean;
  debug?: boolean;
  project?: string;
  idempotencyKey?: string;
}

/** A cold engine is held for up to two minutes without a byte; answers may be long. */
const CHAT_TIMEOUT_MILLISECONDS = 10 * 60_000;

/** What a command works with. Nothing is read or connected before it is needed. */
export class Context {
  readonly out: Output;
  readonly credentials: CredentialStore;
  private graphql: GraphqlClient | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly options: CommonOptions,
  ) {
    this.out = new Output(terminal, options.json === true);
    this.credentials = new CredentialStore(terminal.environment);
  }

  get access(): Access {
    return this.credentials.access(this.terminal.now());
  }

  get client(): GraphqlClient {
    if (!this.graphql) {
      const { origin, credentials } = this.access;
      this.graphql = new GraphqlClient({ graphqlUrl: `${origin}/graphql`, credentials });
    }
    return this.graphql;
  }

  /** A mutation under the caller's idempotency key, if one was given. */
  act<Payload, Input extends object>(operation: MutationOperation<Payload, Input>, input: Input): Promise<Payload> {
    return this.client.apply(operation, input, { idempotencyKey: this.options.idempotencyKey });
  }

  /** The official client, for what is OpenAI's to define. It takes keys alone. */
  async openai(): Promise<OpenAI> {
    const apiKey = this.credentials.modelKey();
    if (!apiKey) {
      // Who is not signed in at all is told so.
      this.credentials.access(this.terminal.now());
      throw new RefusedError(
        'API_KEY_NEEDED',
        'Models are called with an API key, not with a session. Run: forkpoint keys create chat --scope inference:call --keep',
      );
    }
    const { OpenAI } = await import('openai');
    return new OpenAI({ baseURL: `${this.credentials.origin()}/v1`, apiKey, timeout: CHAT_TIMEOUT_MILLISECONDS });
  }

  /** --project, else FORKPOINT_PROJECT, else the remembered one, else the only one there is. */
  async projectId(): Promise<string> {
    const { environment } = this.terminal;
    const named = this.options.project ?? (environment['FORKPOINT_PROJECT'] || undefined);
    if (named?.startsWith('proj_')) return named;
    const remembered = this.credentials.stored(this.access.origin).projectId;
    if (!named && remembered) return remembered;
    const projects = await collect(async (page) => (await this.client.run(PROJECTS, page)).projects, 1_000);
    const chosen = projects.filter(({ slug }) => !named || slug === named);
    if (chosen.length === 1) return chosen[0]!.id;
    const slugs = projects.map(({ slug }) => slug).join(', ');
    if (named) throw new UsageError(`you have no project ${named}: there are ${slugs || 'none'}`);
    if (chosen.length === 0) throw new UsageError('you have no project: ask an administrator for one');
    throw new UsageError(`name the project with --project, or once for all with forkpoint projects use: ${slugs}`);
  }

  /** The project to narrow a list to: none if none was named, which is all that one may see. */
  async namedProjectId(): Promise<string | undefined> {
    const { environment } = this.terminal;
    const isNamed = this.options.project ?? (environment['FORKPOINT_PROJECT'] || undefined);
    return isNamed ? this.projectId() : this.credentials.stored(this.access.origin).projectId;
  }

  async close(): Promise<void> {
    this.out.clearStatus();
    await this.graphql?.close();
  }
}
