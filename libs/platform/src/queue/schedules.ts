import type pg from 'pg';
import type { Database } from '#platform/database';
import type { Logger } from '#platform/telemetry';
import type { ScheduleMetadata } from './decorators.js';

export interface BoundSchedule extends ScheduleMetadata {
  run(signal: AbortSignal): Promise<void>;
}

interface Turn {
  schedule: BoundSchedule;
  timer?: NodeJS.Timeout;
  running?: Promise<void>;
  again: boolean;
}

/**
 * Runs what is to be done again and again. An advisory lock per schedule, held on one connection, keeps runs of several
 * processes apart. The lock spares work; that two runs at once do no harm is for each run's own transactions to see to.
 */
export class Schedules {
  private readonly turns = new Map<string, Turn>();
  private readonly stopping = new AbortController();
  private locks: Promise<pg.Client> | undefined;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  start(schedules: readonly BoundSchedule[]): void {
    for (const schedule of schedules) {
      if (this.turns.has(schedule.name)) throw new Error(`two schedules are named ${schedule.name}`);
      const turn: Turn = { schedule, again: false };
      this.turns.set(schedule.name, turn);
      this.begin(turn);
    }
  }

  /** Brings the next run forward to now; during a run, to right after it. */
  runSoon(name: string): void {
    const turn = this.turns.get(name);
    if (!turn || this.stopping.signal.aborted) return;
    if (turn.running) turn.again = true;
    else this.begin(turn);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    for (const turn of this.turns.values()) clearTimeout(turn.timer);
    await Promise.all([...this.turns.values()].map((turn) => turn.running));
    const locks = await this.locks?.catch(() => undefined);
    await locks?.end().catch(() => undefined);
  }

  private begin(turn: Turn): void {
    clearTimeout(turn.timer);
    turn.again = false;
    turn.running = this.run(turn.schedule).then(() => {
      turn.running = undefined;
      if (this.stopping.signal.aborted) return;
      if (turn.again) return this.begin(turn);
      turn.timer = setTimeout(() => this.begin(turn), turn.schedule.milliseconds);
    });
  }

  private async run({ name, run }: BoundSchedule): Promise<void> {
    try {
      const locks = await this.lockConnection();
      const { rows } = await locks.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken', [name]);
      if (!rows[0].taken) return;
      try {
        await run(this.stopping.signal);
      } finally {
        await locks.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]);
      }
    } catch (error) {
      this.logger.error({ err: error, schedule: name }, 'a scheduled run failed and comes again');
    }
  }

  private lockConnection(): Promise<pg.Client> {
    this.locks ??= this.database.dedicated('reconciler').then((client) => {
      client.on('end', () => {
        this.locks = undefined;
      });
      return client;
    });
    this.locks.catch(() => {
      this.locks = undefined;
    });
    return this.locks;
  }
}
