import type { Failure } from '../api';
import type { RemoteUpload } from './documents';
import type { SignedRequest } from './put';
import { UploadError } from './upload-error';

export type UploadStage =
  | 'hashing'
  | 'sending'
  /** The connection is lost; it goes on by itself. */
  | 'waiting'
  | 'paused'
  | 'verifying'
  | 'done'
  | 'failed'
  | 'cancelled';

export interface UploadSnapshot {
  stage: UploadStage;
  /** Of the file: read to know its hash. */
  hashedBytes: number;
  /** Of the file: at the store, or on the way and counted. */
  sentBytes: number;
  /** Of these, there before this attempt began. */
  resumedBytes: number;
  failure: Failure | null;
  version: { id: string; number: number | null } | null;
  /** The same file was sent before: nothing was sent now. */
  alreadyThere: boolean;
}

/** The world as an upload needs it. What fails throws an `UploadError`. */
export interface UploadWork {
  hash: (blob: Blob, onProgress: (bytes: number) => void, signal: AbortSignal) => Promise<string>;
  begin: (input: BeginInput) => Promise<RemoteUpload>;
  read: (uploadId: string) => Promise<RemoteUpload>;
  signSinglePut: (uploadId: string) => Promise<SignedRequest | null>;
  signPart: (uploadId: string, part: { partNumber: number; sha256: string }) => Promise<SignedRequest | null>;
  put: (request: SignedRequest, body: Blob, onProgress: (bytes: number) => void, signal: AbortSignal) => Promise<void>;
  complete: (uploadId: string) => Promise<RemoteUpload>;
  abort: (uploadId: string) => Promise<void>;
  /** Until so much time has passed or, if that is sooner, the connection is back. */
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  newKey: () => string;
}

export interface BeginInput {
  datasetId: string;
  filename: string;
  bytes: string;
  sha256: string;
  idempotencyKey: string;
}

const PARTS_AT_A_TIME = 3;
const POLL_MILLISECONDS = 700;
const FIRST_RETRY_MILLISECONDS = 1_000;
const LAST_RETRY_MILLISECONDS = 20_000;
/** How often the platform may say that bytes are missing after all were sent. */
const ROUNDS = 3;

/**
 * One file on its way into a dataset. The platform knows how far it is: the key under which it is begun follows from the
 * file's bytes, so that the same file, chosen again after a reload or on another day's tab, goes on where it stopped.
 */
export class UploadTask {
  private state: UploadSnapshot = {
    stage: 'hashing',
    hashedBytes: 0,
    sentBytes: 0,
    resumedBytes: 0,
    failure: null,
    version: null,
    alreadyThere: false,
  };
  private readonly listeners = new Set<() => void>();
  private readonly inFlight = new Map<number, number>();
  private stopper = new AbortController();
  private sha256: string | null = null;
  private uploadId: string | null = null;
  private arrivedBytes = 0;

  constructor(
    readonly id: string,
    readonly file: File,
    readonly datasetId: string,
    private readonly work: UploadWork,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly snapshot = (): UploadSnapshot => this.state;

  get active(): boolean {
    return ACTIVE.has(this.state.stage);
  }

  /** Begins it, or goes on after a pause or a failure. */
  async start(): Promise<void> {
    this.stopper.abort(STOPPED);
    this.stopper = new AbortController();
    const { signal } = this.stopper;
    this.set({ stage: this.sha256 ? 'sending' : 'hashing', failure: null });
    try {
      await this.run(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.set({ stage: 'failed', failure: failureOf(error) });
    }
  }

  pause(): void {
    if (!this.active) return;
    this.stopper.abort(STOPPED);
    this.inFlight.clear();
    this.set({ stage: 'paused', sentBytes: this.arrivedBytes });
  }

  /** Gives it up; what was sent is removed. */
  async cancel(): Promise<void> {
    this.stopper.abort(STOPPED);
    this.set({ stage: 'cancelled' });
    if (this.uploadId) await this.work.abort(this.uploadId).catch(() => undefined);
  }

  private async run(signal: AbortSignal): Promise<void> {
    this.sha256 ??= await this.work.hash(this.file, (hashedBytes) => this.set({ hashedBytes }), signal);
    this.set({ stage: 'sending', hashedBytes: this.file.size });
    let upload = await this.find(this.sha256, signal);
    if (upload.status === 'COMPLETED') return this.finish(upload, true);
    for (let round = 0; round < ROUNDS && upload.status === 'OPEN'; round++) {
      await this.send(upload, signal);
      this.set({ stage: 'verifying', sentBytes: this.file.size });
      const { id } = upload;
      upload = await this.again(() => this.work.complete(id), signal);
      upload = await this.verified(upload, signal);
    }
    if (upload.status === 'VERIFYING') upload = await this.verified(upload, signal);
    this.finish(upload, false);
  }

  /** The upload of this file: the one that was begun before, if it still takes bytes or came to a version that is there. */
  private async find(sha256: string, signal: AbortSignal): Promise<RemoteUpload> {
    const known = this.uploadId;
    const earlier = known
      ? await this.again(() => this.work.read(known), signal)
      : await this.begin(sha256, `portal-upload-${await this.fingerprint(sha256, signal)}`, signal);
    const upload = isUsable(earlier) ? earlier : await this.begin(sha256, this.work.newKey(), signal);
    this.uploadId = upload.id;
    return upload;
  }

  private begin(sha256: string, idempotencyKey: string, signal: AbortSignal): Promise<RemoteUpload> {
    const { datasetId, file } = this;
    const input = { datasetId, filename: file.name, bytes: String(file.size), sha256, idempotencyKey };
    return this.again(() => this.work.begin(input), signal);
  }

  private fingerprint(sha256: string, signal: AbortSignal): Promise<string> {
    const input = JSON.stringify([this.datasetId, this.file.name, this.file.size, sha256]);
    return this.work.hash(new Blob([input]), () => undefined, signal);
  }

  private async send(upload: RemoteUpload, signal: AbortSignal): Promise<void> {
    if (upload.method === 'SINGLE_PUT') {
      this.settle([]);
      const sign = () => this.work.signSinglePut(upload.id);
      return this.sendPiece(1, this.file, sign, signal);
    }
    const partBytes = Number(upload.partBytes);
    // Their hashes need no comparing: an upload of the same file by its own hash has the same parts.
    const arrived = new Set(upload.arrivedParts.map(({ partNumber }) => partNumber));
    this.settle(upload.arrivedParts);
    const missing = Array.from({ length: upload.partCount ?? 0 }, (_, index) => index + 1).filter(
      (partNumber) => !arrived.has(partNumber),
    );
    const sendInTurn = async () => {
      for (let partNumber = missing.shift(); partNumber !== undefined; partNumber = missing.shift()) {
        await this.sendPart(upload.id, partNumber, partBytes, signal);
      }
    };
    await Promise.all(Array.from({ length: PARTS_AT_A_TIME }, sendInTurn));
  }

  private async sendPart(uploadId: string, partNumber: number, partBytes: number, signal: AbortSignal): Promise<void> {
    const body = this.file.slice((partNumber - 1) * partBytes, partNumber * partBytes);
    const sha256 = await this.work.hash(body, () => undefined, signal);
    await this.sendPiece(partNumber, body, () => this.work.signPart(uploadId, { partNumber, sha256 }), signal);
  }

  private async sendPiece(
    partNumber: number,
    body: Blob,
    sign: () => Promise<SignedRequest | null>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.again(async () => {
      const request = await sign();
      // It takes no more bytes: completed or given up elsewhere. What it came to is asked for next.
      if (request) await this.work.put(request, body, (bytes) => this.progress(partNumber, bytes), signal);
    }, signal).finally(() => this.inFlight.delete(partNumber));
    this.arrivedBytes += body.size;
    this.progress(partNumber, 0);
  }

  private async verified(upload: RemoteUpload, signal: AbortSignal): Promise<RemoteUpload> {
    let latest = upload;
    while (latest.status === 'VERIFYING') {
      await this.work.wait(POLL_MILLISECONDS, signal);
      latest = await this.again(() => this.work.read(latest.id), signal);
    }
    return latest;
  }

  private finish(upload: RemoteUpload, alreadyThere: boolean): void {
    if (upload.status === 'COMPLETED' && upload.version) {
      const { id, number } = upload.version;
      this.set({ stage: 'done', sentBytes: this.file.size, version: { id, number }, alreadyThere });
      return;
    }
    const code = upload.failure?.code ?? `UPLOAD_${upload.status}`;
    const message = upload.failure?.message ?? `This upload is ${upload.status.toLowerCase()}. Send the file again.`;
    throw new UploadError({ code, message, path: [], retryable: true });
  }

  /** Again while the reason may pass; each time later than the last. */
  private async again<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let delay = FIRST_RETRY_MILLISECONDS; ; delay = Math.min(delay * 2, LAST_RETRY_MILLISECONDS)) {
      signal.throwIfAborted();
      try {
        const result = await attempt();
        if (this.state.stage === 'waiting' && !signal.aborted) this.goOn();
        return result;
      } catch (error) {
        const failure = failureOf(error);
        if (signal.aborted || !failure.retryable) throw error;
        this.set({ stage: 'waiting', failure });
        await this.work.wait(delay, signal);
      }
    }
  }

  private goOn(): void {
    this.set({ stage: this.state.sentBytes < this.file.size ? 'sending' : 'verifying', failure: null });
  }

  private settle(arrived: ReadonlyArray<{ bytes: string }>): void {
    this.arrivedBytes = arrived.reduce((sum, { bytes }) => sum + Number(bytes), 0);
    this.set({ stage: 'sending', sentBytes: this.arrivedBytes, resumedBytes: this.arrivedBytes });
  }

  private progress(partNumber: number, bytes: number): void {
    if (bytes > 0) this.inFlight.set(partNumber, bytes);
    const underWay = [...this.inFlight.values()].reduce((sum, sent) => sum + sent, 0);
    this.set({ sentBytes: Math.min(this.file.size, this.arrivedBytes + underWay) });
  }

  private set(change: Partial<UploadSnapshot>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

const STOPPED = new DOMException('The upload was paused.', 'AbortError');
const ACTIVE: ReadonlySet<UploadStage> = new Set<UploadStage>(['hashing', 'sending', 'waiting', 'verifying']);
const UNFINISHED: ReadonlySet<string> = new Set(['OPEN', 'VERIFYING']);

function isUsable({ status, version }: RemoteUpload): boolean {
  return status === 'COMPLETED' ? version?.status === 'READY' : UNFINISHED.has(status);
}

function failureOf(error: unknown): Failure {
  if (error instanceof UploadError) return error.failure;
  const message = 'This file can not be read. Check that it is still there, then choose it again.';
  return { code: 'FILE_UNREADABLE', message, path: [], retryable: false };
}
