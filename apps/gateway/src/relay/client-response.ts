import type { ServerResponse } from 'node:http';

/** A caller who reads nothing for so long is gone, whatever their connection says. */
const LONGEST_STALL_MILLISECONDS = 60_000;

/** The caller's side of a call: whether they are still there, and how fast they read. */
export class ClientResponse {
  private readonly gone = new AbortController();
  private stall?: NodeJS.Timeout;

  constructor(private readonly raw: ServerResponse) {
    raw.on('close', () => {
      clearTimeout(this.stall);
      if (!raw.writableFinished) this.gone.abort(new ClientGone());
    });
    raw.on('error', () => this.gone.abort(new ClientGone()));
  }

  /** Given when the caller goes away before the answer's end. */
  get signal(): AbortSignal {
    return this.gone.signal;
  }

  get hasBegun(): boolean {
    return this.raw.headersSent;
  }

  begin(status: number, headers: Record<string, string | number>): void {
    this.raw.writeHead(status, headers);
  }

  /** Whether the caller takes more at once. If not, `onDrained` is called when they do. */
  write(bytes: Buffer, onDrained: () => void): boolean {
    if (this.signal.aborted || this.raw.write(bytes)) return true;
    this.stall = setTimeout(() => this.raw.destroy(), LONGEST_STALL_MILLISECONDS);
    this.raw.once('drain', () => {
      clearTimeout(this.stall);
      onDrained();
    });
    return false;
  }

  end(bytes?: Buffer): void {
    this.raw.end(bytes);
  }
}

export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the caller went away');
  }
}
