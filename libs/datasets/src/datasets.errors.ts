import { defineErrors } from '#libs/kernel';

export const DATASET_ERRORS = defineErrors('datasets', {
  DATASET_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No dataset ${p.id} that you may see.`,
  },
  DATASET_NAME_INVALID: {
    status: 400,
    message: 'A dataset name has 1 to 200 characters, none of them a control character.',
  },
  DATASET_NAME_TAKEN: {
    status: 409,
    message: (p: { name: string }) =>
      `The project has a dataset named ${p.name} already: upload a new version of it, or choose another name.`,
  },
  FILE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No file ${p.id} that you may see; it may have been deleted or may have expired.`,
  },
  FILE_EMPTY: { status: 400, message: 'The file is empty: send at least one row.' },
  FILE_TOO_LARGE: {
    status: 413,
    message: (p: { limitBytes: number }) =>
      `The file is over ${p.limitBytes} bytes: compress it with gzip, or split it.`,
  },
  FILE_NAME_INVALID: {
    status: 400,
    message: 'A file name has 1 to 255 characters, without slashes and control characters.',
  },
  FILE_IN_USE: {
    status: 409,
    message: (p: { holders: string }) =>
      `The file is being read by ${p.holders}: wait until that has ended or cancel it, then delete the file.`,
  },
  PURPOSE_UNSUPPORTED: {
    status: 400,
    message: (p: { purpose: string; supported: string }) =>
      `Files of the purpose "${p.purpose}" have no use on this platform: use one of ${p.supported}.`,
  },
  FILE_PURPOSE_MISMATCH: {
    status: 400,
    message: (p: { purpose: string }) =>
      `A file with the purpose ${p.purpose} can't be trained on: upload it with the purpose fine-tune.`,
  },
  EXPIRY_INVALID: {
    status: 400,
    message: 'expires_after is {"anchor": "created_at", "seconds": n} with n from 3600 to 2592000.',
  },
  UPLOAD_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No upload ${p.id} that you may see.`,
  },
  UPLOAD_NOT_OPEN: {
    status: 409,
    message: (p: { state: string }) => `The upload is ${p.state}, so it takes no more bytes: begin a new upload.`,
  },
  UPLOAD_PART_UNKNOWN: {
    status: 400,
    message: (p: { partNumber: number; partCount: number }) =>
      `The upload has the parts 1 to ${p.partCount}, each of partBytes but the last: there is no part ${p.partNumber}.`,
  },
  UPLOAD_NOT_IN_PARTS: {
    status: 400,
    message: 'This upload is a single PUT: send the bytes to its singlePut request.',
  },
  UPLOAD_INCOMPLETE: {
    status: 409,
    message: (p: { missing: string }) =>
      `Not all bytes have arrived (missing: ${p.missing}): send them, then complete the upload again.`,
  },
  UPLOAD_HASH_MISMATCH: {
    status: 400,
    message: (p: { declared: string; stored: string }) =>
      `The stored bytes have the SHA-256 ${p.stored}, not ${p.declared} as declared: the file changed while it was sent. Begin a new upload.`,
  },
  UPLOAD_SIZE_MISMATCH: {
    status: 400,
    message: (p: { declaredBytes: number; storedBytes: number }) =>
      `${p.storedBytes} bytes arrived, not ${p.declaredBytes} as declared: begin a new upload.`,
  },
  UPLOAD_MD5_MISMATCH: {
    status: 400,
    message: (p: { declared: string; stored: string }) =>
      `The parts in this order have the MD5 ${p.stored}, not ${p.declared}: check their order, or send the file again.`,
  },
  UPLOAD_PART_NOT_FOUND: {
    status: 400,
    message: (p: { id: string }) => `The upload has no part ${p.id}, or it is named twice: name each part once.`,
  },
  SHA256_INVALID: { status: 400, message: 'A SHA-256 is written as 64 lower-case hexadecimal digits.' },
  PREPARATION_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No preparation ${p.id} that you may see.`,
  },
  PREPARATION_MAX_TOKENS_INVALID: {
    status: 400,
    message: (p: { contextLength: number }) => `maxTokens lies between 2 and the context length, ${p.contextLength}.`,
  },
  PREPARATION_NOT_ENDED: {
    status: 409,
    retryable: true,
    message: 'The file is still being prepared: ask again in a few seconds.',
  },
});
