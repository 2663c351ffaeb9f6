import type { Failure } from '../api';
import { UploadError } from './upload-error';

export interface SignedRequest {
  method: string;
  url: string;
  headers: unknown;
}

/** XMLHttpRequest, since `fetch` does not tell how much of a body has left. */
export function put(
  { method, url, headers }: SignedRequest,
  body: Blob,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((finish, fail) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener('abort', stop, { once: true });
    request.open(method, url);
    for (const [name, value] of Object.entries(headers as Record<string, string>)) {
      if (!SET_BY_THE_BROWSER.has(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('abort', () => fail(signal.reason));
    request.addEventListener('error', () => fail(new UploadError(STORE_UNREACHABLE)));
    request.addEventListener('load', () => {
      if (request.status < 300) finish();
      else fail(new UploadError(refusalOf(request.status)));
    });
    request.addEventListener('loadend', () => signal.removeEventListener('abort', stop));
    request.send(body);
  });
}

const SET_BY_THE_BROWSER = new Set(['host', 'content-length']);

const STORE_UNREACHABLE: Failure = {
  code: 'UNREACHABLE',
  message: 'The connection to the file store is lost.',
  path: [],
  retryable: true,
};

/** A request that has expired is signed anew by the next try. What the store calls a bad request is one at each try. */
function refusalOf(status: number): Failure {
  return {
    code: 'STORE_REFUSED',
    message:
      status === 400
        ? 'The file changed while it was sent. Choose it again.'
        : `The file store answered ${status}. Resume to try again.`,
    path: [],
    retryable: status !== 400,
  };
}
