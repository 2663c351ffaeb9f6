import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { GatewayKey } from '#libs/identity';
import type { Logger } from '#platform/telemetry';
import type { ConnectPostgres } from '../postgres.js';
import { type InferenceStop, LicenseBook, RouteTable, type SnapshotSections, type Target } from './snapshot.js';
import { ALL_SECTIONS, SECTION_QUERIES, SECTIONS_BY_NOTICE, type SectionName } from './snapshot-queries.js';

/** How long what was read last may be served on when PostgreSQL can't be asked. */
export const LONGEST_CUT_OFF_MILLISECONDS = 60_000;
const CONFIRM_MILLISECONDS = 500;
const RECONNECT_MILLISECONDS = 500;
/** What changes by the mere passing of time is checked per request; this mends what a lost notice would have broken. */
const RELOAD_MILLISECONDS = 60_000;

export interface SnapshotFeedOptions {
  connect: ConnectPostgres;
  logger: Logger;
  /** Milliseconds that only grow: how old the snapshot is must not depend on the wall clock. */
  monotonicNow: () => number;
}

/**
 * The snapshot and the one connection that keeps it new: notices say what changed, and that part is read again. Between
 * notices the connection proves twice a second that it lives, since a notice over a dead one would never arrive.
 */
export class SnapshotFeed {
  private sections: SnapshotSections = {
    keys: new Map(),
    projects: new Map(),
    routes: new RouteTable([], []),
    targets: new Map(),
    licenses: new LicenseBook([], []),
    agreements: new Map(),
    stops: new Map(),
    hardCaps: new Set(),
  };
  private client?: pg.Client;
  private confirmedAt = Number.NEGATIVE_INFINITY;
  private loadedAt = 0;
  private readonly stale = new Set<SectionName>();
  private readonly listeners = new Set<() => void>();
  private turn: Promise<void> = Promise.resolve();
  private waiting?: Promise<void>;
  private timer?: NodeJS.Timeout;
  private connecting = false;
  private closed = false;
  private numberOfVersions = 0;

  constructor(private readonly options: SnapshotFeedOptions) {}

  /** Counts the changes seen so far. */
  get version(): number {
    return this.numberOfVersions;
  }

  get keys(): ReadonlyMap<string, GatewayKey> {
    return this.sections.keys;
  }

  get projects(): ReadonlyMap<string, string> {
    return this.sections.projects;
  }

  get routes(): RouteTable {
    return this.sections.routes;
  }

  get licenses(): LicenseBook {
    return this.sections.licenses;
  }

  get agreements(): SnapshotSections['agreements'] {
    return this.sections.agreements;
  }

  get stops(): ReadonlyMap<string, InferenceStop> {
    return this.sections.stops;
  }

  get hardCaps(): ReadonlySet<string> {
    return this.sections.hardCaps;
  }

  targetsOf(checkpointId: string): readonly Target[] {
    return this.sections.targets.get(checkpointId) ?? [];
  }

  /** Whether what is known is new enough to be served. */
  get isCurrent(): boolean {
    return this.options.monotonicNow() - this.confirmedAt <= LONGEST_CUT_OFF_MILLISECONDS;
  }

  /** Called after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves at the next change, after the given time, or when the signal is given. */
  async nextChange(milliseconds: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    const removeListener = this.onChange(() => changed.abort());
    try {
      await wait(milliseconds, undefined, { signal: AbortSignal.any([signal, changed.signal]) });
    } catch {
      // Woken before the time was over: whoever waits looks at what changed.
    } finally {
      removeListener();
    }
  }

  /** Returns also when PostgreSQL does not answer yet; `isCurrent` tells. */
  async start(): Promise<void> {
    await this.connect();
    this.schedule();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.turn;
    await this.client?.end();
  }

  private schedule(): void {
    if (this.closed) return;
    const wait = this.client ? CONFIRM_MILLISECONDS : RECONNECT_MILLISECONDS;
    this.timer = setTimeout(() => void this.keepUp().finally(() => this.schedule()), wait);
  }

  private async keepUp(): Promise<void> {
    if (!this.client) return this.connect();
    if (this.options.monotonicNow() - this.loadedAt > RELOAD_MILLISECONDS)
      for (const name of ALL_SECTIONS) this.stale.add(name);
    await this.refresh();
  }

  private async connect(): Promise<void> {
    if (this.connecting || this.closed) return;
    this.connecting = true;
    try {
      const client = await this.options.connect();
      client.on('notification', ({ payload }) => {
        for (const name of SECTIONS_BY_NOTICE[payload ?? ''] ?? ALL_SECTIONS) this.stale.add(name);
        void this.refresh();
      });
      client.on('end', () => this.disconnect(client));
      this.client = client;
      // Listening begins before reading, so that no change falls between.
      await client.query('LISTEN gateway_snapshot');
      for (const name of ALL_SECTIONS) this.stale.add(name);
      await this.refresh();
    } catch (error) {
      this.options.logger.warn({ err: error }, 'the snapshot can not be read: PostgreSQL does not answer');
      this.disconnect(this.client);
    } finally {
      this.connecting = false;
    }
  }

  /** Reads what is stale, or proves that the connection lives. One at a time. */
  private refresh(): Promise<void> {
    this.waiting ??= this.turn.then(() => {
      this.waiting = undefined;
      this.turn = this.refreshNow();
      return this.turn;
    });
    return this.waiting;
  }

  private async refreshNow(): Promise<void> {
    const { client } = this;
    if (!client) return;
    const names = [...this.stale];
    this.stale.clear();
    // What was true when we asked is confirmed, not what became true meanwhile.
    const askedAt = this.options.monotonicNow();
    try {
      if (names.length === 0) await client.query('SELECT 1');
      else this.replace(await readTogether(client, names));
      this.confirmedAt = askedAt;
      if (names.length === ALL_SECTIONS.length) this.loadedAt = askedAt;
    } catch (error) {
      for (const name of names) this.stale.add(name);
      this.options.logger.warn({ err: error }, 'lost the connection that feeds the snapshot');
      this.disconnect(client);
    }
  }

  private replace(changed: Partial<SnapshotSections>): void {
    this.sections = { ...this.sections, ...changed };
    this.numberOfVersions++;
    for (const listener of [...this.listeners]) listener();
  }

  private disconnect(client: pg.Client | undefined): void {
    if (!client || this.client !== client) return;
    this.client = undefined;
    client.end().catch(() => undefined);
  }
}

/** All parts as of one moment. */
async function readTogether(client: pg.Client, names: readonly SectionName[]): Promise<Partial<SnapshotSections>> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const read: Partial<Record<SectionName, unknown>> = {};
  for (const name of names) read[name] = await SECTION_QUERIES[name](client);
  await client.query('COMMIT');
  return read as Partial<SnapshotSections>;
}
