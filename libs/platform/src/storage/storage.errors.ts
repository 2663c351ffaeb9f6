import { defineErrors } from '#libs/kernel';

export const STORAGE_ERRORS = defineErrors('storage', {
  OBJECT_NOT_FOUND: {
    status: 404,
    message: ({ key }: { key: string }) => `No object is stored at ${key}; it was deleted or never uploaded.`,
  },
  OBJECT_TOO_LARGE: {
    status: 413,
    message: ({ limitBytes }: { limitBytes: number }) =>
      `More than ${limitBytes} bytes were sent; send at most that many.`,
  },
  OBJECT_EXISTS: {
    status: 409,
    message: ({ key }: { key: string }) => `An object is stored at ${key} already, and this write must not replace it.`,
  },
  MULTIPART_NOT_FOUND: {
    status: 404,
    message: 'The multipart upload is not known to the object store: it was completed or aborted. Begin a new upload.',
  },
  PART_REJECTED: {
    status: 409,
    message:
      'The object store refused to join the parts: one is missing, below 5 MiB, or differs from its declared SHA-256. List the parts and send the wrong ones again.',
  },
});
