import type { AnyVariables, Client, OperationResult, TypedDocumentNode } from 'urql';
import { type Failure, failureOf, newIdempotencyKey } from '../api';
import { refusals } from '../api/failure';
import {
  AbortUpload,
  BeginUpload,
  CompleteUpload,
  PresignUploadParts,
  type RemoteUpload,
  UploadSinglePut,
  UploadState,
} from './documents';
import { hashBlob } from './hash';
import { put } from './put';
import { UploadError } from './upload-error';
import type { UploadWork } from './upload-task';

/** The same calls that a script would make. */
export function uploadWork(client: Client): UploadWork {
  const mutate = async <Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ) => dataOf(await client.mutation(document, variables).toPromise());
  const ask = async <Data>(document: TypedDocumentNode<Data, { id: string }>, id: string) =>
    dataOf(await client.query(document, { id }, { requestPolicy: 'network-only' }).toPromise());

  return {
    hash: hashBlob,
    put,
    wait,
    newKey: newIdempotencyKey,
    begin: async (input) => accepted((await mutate(BeginUpload, { input })).beginUpload),
    read: async (id) => there((await ask(UploadState, id)).node as RemoteUpload | null),
    signSinglePut: async (id) => {
      const { node } = await ask(UploadSinglePut, id);
      return node && 'singlePut' in node ? node.singlePut : null;
    },
    signPart: async (uploadId, part) => {
      const input = { uploadId, parts: [part], idempotencyKey: newIdempotencyKey() };
      const { parts, userErrors } = (await mutate(PresignUploadParts, { input })).presignUploadParts;
      refuse(userErrors);
      return parts[0]?.request ?? null;
    },
    complete: async (uploadId) => {
      const input = { uploadId, idempotencyKey: newIdempotencyKey() };
      return accepted((await mutate(CompleteUpload, { input })).completeUpload);
    },
    abort: async (uploadId) => {
      await mutate(AbortUpload, { input: { uploadId, idempotencyKey: newIdempotencyKey() } });
    },
  };
}

function dataOf<Data>({ data, error }: OperationResult<Data, AnyVariables>): Data {
  if (error) throw new UploadError(failureOf(error));
  return data as Data;
}

function accepted(payload: { upload: RemoteUpload | null; userErrors: Parameters<typeof refusals>[0] }): RemoteUpload {
  refuse(payload.userErrors);
  return there(payload.upload);
}

function refuse(userErrors: Parameters<typeof refusals>[0]): void {
  const [refusal] = refusals(userErrors);
  if (refusal) throw new UploadError(refusal);
}

const GONE: Failure = {
  code: 'UPLOAD_NOT_FOUND',
  message: 'This upload is not there any more. Choose the file again.',
  path: [],
  retryable: false,
};

function there(upload: RemoteUpload | null): RemoteUpload {
  if (!upload) throw new UploadError(GONE);
  return upload;
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((finish, fail) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', stop);
      finish();
    };
    const stop = () => {
      done();
      fail(signal.reason);
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener('online', done);
    signal.addEventListener('abort', stop);
  });
}
