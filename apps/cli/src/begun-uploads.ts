import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readUserFile, userFile, writeUserFile } from './user-files.js';

interface BegunUpload {
  uploadId: string;
  /** Of the file when the upload was begun: what has changed since is another file. */
  bytes: number;
  modifiedAtMilliseconds: number;
}

type BegunUploads = Record<string, BegunUpload>;

/** Uploads on their way, so that the same command goes on with one that broke off. */
export class BegunUploadStore {
  private readonly path: string;

  constructor(
    environment: NodeJS.ProcessEnv,
    private readonly origin: string,
  ) {
    this.path = userFile(environment, 'uploads.json');
  }

  async find(file: string, dataset: string): Promise<string | null> {
    const begun = this.all()[this.keyOf(file, dataset)];
    const { size, mtimeMs } = await stat(file);
    return begun && begun.bytes === size && begun.modifiedAtMilliseconds === mtimeMs ? begun.uploadId : null;
  }

  async remember(file: string, dataset: string, uploadId: string): Promise<void> {
    const { size, mtimeMs } = await stat(file);
    const begun = { uploadId, bytes: size, modifiedAtMilliseconds: mtimeMs };
    writeUserFile(this.path, { ...this.all(), [this.keyOf(file, dataset)]: begun });
  }

  forget(file: string, dataset: string): void {
    const { [this.keyOf(file, dataset)]: _, ...others } = this.all();
    writeUserFile(this.path, others);
  }

  private all(): BegunUploads {
    return readUserFile<BegunUploads>(this.path) ?? {};
  }

  private keyOf(file: string, dataset: string): string {
    return [this.origin, dataset, resolve(file)].join(' ');
  }
}
