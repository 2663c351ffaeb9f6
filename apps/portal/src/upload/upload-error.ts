import type { Failure } from '../api';

/** What ends an upload, or is tried again where it may pass. */
export class UploadError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}
